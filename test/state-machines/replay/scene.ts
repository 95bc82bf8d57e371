import { assess, input as assessedRound } from '../../../functions/replay/assess-round.ts';
import type { handler as drainQueue } from '../../../functions/replay/drain-queue.ts';
import type { handler as ensureSubscription } from '../../../functions/replay/ensure-subscription.ts';
import type { handler as inspectQueue } from '../../../functions/replay/inspect-queue.ts';
import type { handler as settleAccount } from '../../../functions/replay/settle-account.ts';
import { type Account, EMPTY_ACCOUNT } from '../../../shared/replay/account/account.ts';
import { concludeReplay, type ReplayEnd } from '../../../shared/replay/account/conclude.ts';
import { workerInEvidence } from '../../../shared/replay/round/assess-round.ts';
import type { ReportOf } from '../../../shared/run/report.ts';
import type { TaskScript } from '../../simulator/script.ts';
import { lambdaReturns, lambdaThrows, ok, type Run, type TaskResult } from '../../simulator/simulate.ts';
import { closed, opened } from '../describe-run-keeping.ts';
import type { Answer } from '../functions.ts';
import {
  type Answers,
  executionArn,
  machineUnderTest,
  payloadsOf,
  startedAt,
} from '../machine-under-test.ts';

type RunReport = ReportOf<'replay'>;

export const machine = machineUnderTest('replay');
export const { walk } = machine;

export type Worker = Answer<typeof drainQueue>;
export type Share = Answer<typeof inspectQueue>['shares'][number];

export const input = { queue: 'webhook-events', startedBy: 'alarm on webhook-events' };
export const shares: Share[] = [
  { rate: 100, inFlight: 25 },
  { rate: 100, inFlight: 25 },
];
export const inspected: Answer<typeof inspectQueue> = {
  startedAt: '2026-03-01T03:00:01.000Z',
  finishedAt: '2026-03-01T03:00:03.000Z',
  visible: 1_204,
  inFlight: 0,
  delayed: 0,
  read: 10,
  sources: {},
  wouldBe: { deliver: 8, duplicate: 2 },
  oldest: '2026-02-28T22:10:00.000Z',
  summary: '1,204 messages in the queue and 0 hidden, 10 read: 8 deliver, 2 duplicate',
  dryRun: false,
  subscription: false,
  shares,
  leaseSeconds: 30,
  deadline: '',
};
export const subscribed: Answer<typeof ensureSubscription> = {
  startedAt: '2026-03-01T03:00:04.000Z',
  finishedAt: '2026-03-01T03:00:05.000Z',
  endpoint: 'https://mailblast.example.com/api/webhooks/sns',
  found: 'missing',
  done: 'subscribed',
  now: 'confirmed',
  subscriptionArn: 'arn:aws:sns:eu-west-1:123456789012:events:1',
  attributes: null,
  differences: [],
  words: 'it was missing, and is confirmed now',
  confirmed: null,
};

/** The result of a worker that delivered this many, each at the first attempt. */
export function worker(ended: Worker['ended'], delivered: number, more: Partial<Worker> = {}): Worker {
  return {
    startedAt: '2026-03-01T03:00:06.000Z',
    finishedAt: '2026-03-01T03:01:06.000Z',
    ended,
    reason: REASONS[ended],
    lastFailure: null,
    account: accountOf({ received: delivered, delivered, attempts: delivered }),
    settled: delivered,
    retryable: 0,
    ...more,
  };
}

export const REASONS = {
  empty: 'the queue has no more',
  count: 'it took as many as it was asked for, 10',
  time: 'its time was over',
  stopped: 'a failover of this workload runs (failover-1); replay after it',
};

export const accountOf = (known: Partial<Account>): Account => ({ ...EMPTY_ACCOUNT, ...known });

/** A worker that failed to deliver some messages and returned them. */
export const failing = (ended: Worker['ended'], delivered: number, returned: number): Worker =>
  worker(ended, delivered, {
    lastFailure: 'mailblast.example.com answered 503',
    account: accountOf({
      received: delivered + returned,
      delivered,
      returned,
      attempts: delivered + 5 * returned,
      reasons: { failed: returned },
    }),
    retryable: returned,
  });

export const canaryLives = worker('count', 3, { reason: 'the first 3 were accepted' });
export const account: Pick<
  Answer<typeof settleAccount>,
  'account' | 'addsUp' | 'words' | 'workers' | 'died' | 'left'
> = {
  account: accountOf({ received: 1_204, delivered: 1_004, duplicates: 200, attempts: 1_004 }),
  addsUp: true,
  words: 'received 1204 = delivered 1004 + duplicates 200 + quarantined 0 + returned 0',
  workers: 3,
  died: 0,
  left: 0,
};
export const missing: typeof account = {
  ...account,
  addsUp: false,
  words: 'the account does not add up: 2 messages are missing from it (nightly-1/1/0/r-1)',
};

/** The result of settle-account for a replay that ended this way. */
export function settled(
  end: ReplayEnd = { outcome: 'replayed', reason: 'the queue has no more' },
  found = account,
): Answer<typeof settleAccount> {
  return {
    startedAt: '2026-03-01T03:01:07.000Z',
    finishedAt: '2026-03-01T03:01:08.000Z',
    ...found,
    ...concludeReplay(end, found, found.left),
  };
}

/** The account is settled like this; settle-account has the final word on any end. */
export const settling =
  (found = account): TaskScript =>
  ({ arguments: sent }) => {
    const { outcome, reason } = (sent as unknown as { Payload: ReplayEnd }).Payload;
    return lambdaReturns(settled({ outcome, reason }, found));
  };

/** Every round is assessed as by assess-round, at the moment of the call. */
export const assessing =
  (startTime = startedAt): TaskScript =>
  ({ arguments: sent, at }) => {
    const round = assessedRound.parse((sent as { Payload: unknown }).Payload);
    return lambdaReturns(assess(round, new Date(Date.parse(startTime) + at * 1_000)));
  };
export const assessed: Answers = { 'Assess the round': assessing() };

/** The results of each round's workers, in the order of their shares. */
export const rounds =
  (...answers: (Worker | TaskResult)[][]): TaskScript =>
  ({ arguments: sent }) => {
    const { round, worker: index } = (sent as { Payload: { round: number; worker: string } }).Payload;
    const answer = answers[round - 1]?.[Number(index)];
    if (!answer) throw new Error(`nobody said what worker ${index} of round ${round} answers`);
    return 'kind' in answer ? answer : lambdaReturns(answer);
  };
export const emptied = [worker('empty', 600), worker('empty', 601)];
export const died = lambdaThrows('Runtime.ExitError', 'RequestId: 1 Error: Runtime exited');

export const begun: Answers = { ...opened, 'Inspect the queue': lambdaReturns(inspected) };
export const held: Answers = { 'Lock the queue': () => ok() };
export const unlocked: Answers = { 'Settle the account': settling(), 'Unlock the queue': ok() };
export const work: Answers = {
  'Inspect the queue': lambdaReturns(inspected),
  ...held,
  'Send the canary': lambdaReturns(canaryLives),
  ...assessed,
  'Drain a share': rounds(emptied),
  ...unlocked,
};

export const drained = {
  startedAt,
  finishedAt: startedAt,
  rounds: 1,
  workers: emptied.map(workerInEvidence),
};
export const steps = { inspect: inspected, canary: canaryLives, drain: drained, account: settled() };
export const replayed: RunReport = {
  machine: 'replay',
  runId: 'nightly-1',
  runStartedAt: startedAt,
  executionArn: executionArn('replay'),
  startedBy: 'alarm on webhook-events',
  subject: 'webhook-events',
  outcome: 'replayed',
  reason: 'the queue has no more',
  failure: null,
  facts: {},
  steps,
};

export const ofRun = { runId: 'nightly-1', runStartedAt: startedAt, queue: 'webhook-events' };
export const emptyQueue = { outcome: 'replayed', reason: 'the queue has no more' } as const;
export const ofWorker = { ...ofRun, options: {}, deadline: '' };
export const key = { key: { S: 'lock#replay#webhook-events' } };

/** The recorded result of the run. */
export const reportOf = (run: Run) => payloadsOf(run, 'Record the run')[0] as RunReport;

/** The inspection ends like this; only the record follows. */
export const inspects = (...answers: TaskResult[]) =>
  walk(input, { ...opened, 'Inspect the queue': answers, ...closed });
/** The canary ends like this, and nothing else is sent. */
export const endsWithCanary = (
  answers: TaskResult | TaskResult[],
  seen: Partial<typeof inspected> = {},
  options = {},
) =>
  walk(
    { ...input, options },
    {
      ...opened,
      'Inspect the queue': lambdaReturns({ ...inspected, ...seen }),
      ...held,
      'Send the canary': answers,
      // A round that failed, or never responded, is not assessed.
      ...('kind' in answers && answers.kind === 'ok' && answers.after <= 930 ? assessed : {}),
      ...unlocked,
      ...closed,
    },
  );
/** The rounds go like this; all other steps succeed. */
export const drains = (
  script: TaskScript,
  seen: Partial<typeof inspected> = {},
  { canary = canaryLives, options = {} }: { canary?: Worker; options?: object } = {},
) =>
  walk(
    { ...input, options },
    {
      ...opened,
      'Inspect the queue': lambdaReturns({ ...inspected, ...seen }),
      ...held,
      'Send the canary': lambdaReturns(canary),
      'Drain a share': script,
      ...assessed,
      ...unlocked,
      ...closed,
    },
  );
/** Every step succeeds until the account is settled. */
export const settles = (answers: TaskScript) =>
  walk(input, { ...opened, ...work, 'Settle the account': answers, ...closed });

/** The input of an execution that continues another one's run. */
export function continued(more: object = {}): object {
  return {
    queue: 'webhook-events',
    runId: 'nightly-1',
    startedBy: 'alarm on webhook-events',
    continues: {
      runStartedAt: startedAt,
      options: {},
      facts: {},
      failure: null,
      steps: { inspect: inspected, canary: canaryLives },
      shares,
      lease: 30,
      deadline: '',
      drainStartedAt: startedAt,
      round: 13,
      fruitless: 0,
      ...more,
    },
  };
}
