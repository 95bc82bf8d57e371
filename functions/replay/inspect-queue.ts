import * as z from 'zod';
import { dynamoClient } from '../../shared/aws/clients/dynamodb.ts';
import { secretsClient } from '../../shared/aws/clients/secrets.ts';
import { sqsClient } from '../../shared/aws/clients/sqs.ts';
import { systemClock } from '../../shared/clock/clock.ts';
import { deployedPlan } from '../../shared/lambda/deployed-plan.ts';
import { LedgerSettings } from '../../shared/lambda/environment.ts';
import { task } from '../../shared/lambda/task.ts';
import { readKeyStatus } from '../../shared/ledger/key-status.ts';
import { replayOf } from '../../shared/plan/lookup.ts';
import { timed } from '../../shared/progress/phase.ts';
import { RunReference } from '../../shared/progress/run-reference.ts';
import { selectionRules } from '../../shared/replay/message/send-leave-or-quarantine.ts';
import { ReplayOptions } from '../../shared/replay/options.ts';
import { inspect } from '../../shared/replay/queue/inspect.ts';
import {
  inspectionInWords,
  requireLongerLedger,
  requireOneSource,
} from '../../shared/replay/queue/readiness.ts';
import { sqsQueue } from '../../shared/replay/queue/sqs-queue.ts';
import { QueueInspected } from '../../shared/replay/step-answers.ts';
import { openTargets, slowestTarget } from '../../shared/replay/targets/open-target.ts';
import { divide } from '../../shared/replay/worker/divide-among-workers.ts';
import { leaseOf } from '../../shared/replay/worker/lease-duration.ts';

/** The number of messages that an inspection reads, and that a dry run reads. */
const SAMPLE = 10;
const DRY_RUN = 10_000;

/** Inspects a dead-letter queue before a replay sends anything, or instead of sending. Changes nothing. */
export const handler = task(
  {
    name: 'inspect-queue',
    input: RunReference.extend({ queue: z.string(), options: ReplayOptions }),
    output: QueueInspected,
    environment: LedgerSettings,
  },
  ({ LEDGER_TABLE }) => {
    const { plan } = deployedPlan();
    const dynamo = dynamoClient();
    const sqs = sqsClient();
    const secrets = secretsClient();
    return ({ queue: name, options }, { signal }) =>
      timed(systemClock, async () => {
        const planned = replayOf(plan, name);
        const rules = selectionRules(planned, options.filter);
        const target = await openTargets(name, planned, 1, { secrets, clock: systemClock });
        await target.close();
        const queue = await sqsQueue(sqs, planned.deadLetters);
        const inspection = await inspect(
          {
            queue,
            readKeyStatus: (wanted) =>
              readKeyStatus(dynamo, LEDGER_TABLE, { scope: name, clock: systemClock }, wanted),
            clock: systemClock,
          },
          rules,
          { atMost: options.dryRun ? (options.max ?? DRY_RUN) : SAMPLE, signal },
        );
        requireLongerLedger(planned, inspection.state);
        if (!options.dryRun) requireOneSource(planned, rules, inspection);
        const { visible, inFlight, delayed } = inspection.state;
        const { minutes } = options;
        return {
          visible,
          inFlight,
          delayed,
          read: inspection.read,
          wouldBe: inspection.wouldBe,
          sources: inspection.sources,
          oldest: inspection.oldest?.toISOString() ?? null,
          summary: inspectionInWords(inspection),
          dryRun: options.dryRun ?? false,
          subscription: planned.subscription !== undefined,
          shares: divide(planned, options, visible),
          leaseSeconds: Math.ceil(leaseOf(slowestTarget(planned)) / 1_000),
          deadline:
            minutes === undefined
              ? ''
              : new Date(systemClock.now().getTime() + minutes * 60_000).toISOString(),
        };
      });
  },
);
