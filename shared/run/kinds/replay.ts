import * as z from 'zod';
import { Incident } from '../../evidence/incident.ts';
import { replayOf } from '../../plan/lookup.ts';
import type { Account } from '../../replay/account/account.ts';
import { ReplayOptions } from '../../replay/options.ts';
import { WorkerAnswer } from '../../replay/round/worker-answer.ts';
import { AccountSettled, QueueInspected, RoundDrained } from '../../replay/step-answers.ts';
import { Share } from '../../replay/worker/share.ts';
import { SubscriptionEnsured } from '../../subscription/step-answers.ts';
import { FailedStep } from '../failed-step.ts';
import { defineKind } from '../kind.ts';
import { count } from '../quantity.ts';

/** The shape in which evidence of the first versions kept a subscription that could not be looked after. */
const SubscriptionFailed = z.object({ failed: z.string(), cause: z.string() });

/** The first versions called the summary `words`, and did not say whether the run was dry. */
const InspectedInEvidence = QueueInspected.partial({ summary: true, dryRun: true, sources: true }).extend({
  words: z.string().optional(),
});

/** The first versions did not limit what a worker says. */
const CanaryInEvidence = WorkerAnswer.extend({ reason: z.string(), lastFailure: z.string().nullable() });

/** The first versions kept what was left of each worker's share, which may be nothing. */
const DrainedInEvidence = RoundDrained.extend({
  workers: z.array(
    RoundDrained.shape.workers.element.extend({
      share: Share.extend({ max: z.int().optional() }).optional(),
    }),
  ),
});

/** Delivers the messages of a dead-letter queue, each once, and accounts for every one. */
export const replay = defineKind({
  name: 'replay',
  input: z.object({
    queue: z.string().min(1),
    options: ReplayOptions.optional(),
    incident: Incident.optional(),
    startedBy: z.string().min(1),
    runId: z.string().min(1).optional(),
    /** What an execution hands over to the one that continues its run. Only the state machine itself gives it. */
    continues: z.record(z.string(), z.unknown()).optional(),
  }),
  steps: {
    inspect: { answer: InspectedInEvidence, words: 'inspect' },
    subscription: {
      answer: z.union([SubscriptionEnsured, FailedStep, SubscriptionFailed]),
      words: 'subscription',
    },
    canary: { answer: CanaryInEvidence, words: 'canary' },
    drain: { answer: DrainedInEvidence, words: 'drain' },
    account: { answer: AccountSettled.partial({ outcome: true, reason: true }), words: 'account' },
  },
  outcomes: {
    replayed: { words: 'replayed', severity: 'info', exit: 'good' },
    'dry-run': { words: 'dry run', severity: 'info', exit: 'good' },
    /** It stopped itself, and lost nothing. */
    stopped: { words: 'replay stopped', severity: 'error', exit: 'bad', fail: 'ReplayStopped' },
    'not-proven': {
      words: 'replay not proven',
      severity: 'error',
      exit: 'not-proven',
      fail: 'ReplayNotProven',
    },
  },
  progress: 'workers',
  account: (steps) => steps.account?.account ?? null,

  /**
   * The events of an outage are recovered once the queue is empty: each is with its receiver, or in quarantine for a person
   * to look at. Only if none is in quarantine, nothing was lost for certain.
   */
  recovery({ outcome, subject, startedAt, incident, steps }, plan) {
    const settled = outcome === 'replayed' && steps.account?.left === 0 ? steps.account : null;
    return {
      scenario: replayOf(plan, subject).scenario,
      recoveredTo: settled?.account.quarantined === 0 ? (incident?.failedAt ?? startedAt) : null,
      usableAt: settled?.finishedAt ?? null,
    };
  },

  facts: ({ account, steps }) => [
    ...(account && Object.keys(account.sources ?? {}).length > 0
      ? [{ label: 'sources', text: sourcesInWords(account) }]
      : []),
    ...(account ? [{ label: 'unknown', text: unknownInWords(account) }] : []),
    ...(steps.account
      ? [
          {
            label: 'left in queue',
            text: `${count(steps.account.left, 'message')}, by SQS's own approximation`,
          },
        ]
      : []),
  ],

  tables({ outcome, steps }) {
    const wouldBe = Object.entries(steps.inspect?.wouldBe ?? {});
    if (outcome !== 'dry-run' || wouldBe.length === 0) return [];
    const rows = wouldBe.map(([word, messages]) => [messages, WOULD_BE[word] ?? word]);
    return [{ head: ['messages', 'would be'], rows }];
  },
});

/** What would become of a message, by the word that the inspection has for it. */
const WOULD_BE: Readonly<Record<string, string>> = {
  deliver: 'sent, unless the application has it',
  duplicate: 'not sent: delivered before, or twice in the queue',
  busy: 'left to the replay that works on it',
  filtered: 'left in the queue by the filter',
  unparsable: 'to quarantine: not in the format of the plan',
  'key-missing': 'to quarantine: without a key',
  'no-payload': 'to quarantine: a record of a failure, without what failed',
  mismatch: 'to quarantine: a known key with another body',
  'too-old': 'to quarantine: too old',
};

/** `orders 12, payments 3`. */
function sourcesInWords({ sources = {} }: Account): string {
  return Object.entries(sources)
    .map(([name, messages]) => `${name} ${messages.toLocaleString('en-US')}`)
    .join(', ');
}

/** What a person must know of the requests that were sent without knowing of an earlier one's effect. */
export function unknownInWords({ unknown }: Account): string {
  if (unknown === 0) return 'none: nothing was sent again without knowing what became of it before';
  return `${count(unknown, 'request')} sent again because an answer never came: no double effect at a receiver that honours the key, at most so many at one that does not`;
}
