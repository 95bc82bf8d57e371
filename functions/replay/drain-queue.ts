import * as z from 'zod';
import { dynamoClient } from '../../shared/aws/clients/dynamodb.ts';
import { s3Client } from '../../shared/aws/clients/s3.ts';
import { secretsClient } from '../../shared/aws/clients/secrets.ts';
import { sqsClient } from '../../shared/aws/clients/sqs.ts';
import { systemClock } from '../../shared/clock/clock.ts';
import { readDatabaseAccess } from '../../shared/database/access.ts';
import { deployedPlan } from '../../shared/lambda/deployed-plan.ts';
import { JournalSettings, LedgerSettings, VaultSettings } from '../../shared/lambda/environment.ts';
import { task } from '../../shared/lambda/task.ts';
import { dynamoLedger } from '../../shared/ledger/dynamo-ledger.ts';
import { dynamoLocks } from '../../shared/locks/dynamo-locks.ts';
import { databaseOf, replayOf } from '../../shared/plan/lookup.ts';
import { timed } from '../../shared/progress/phase.ts';
import { RunReference } from '../../shared/progress/run-reference.ts';
import { gone, worthAnotherRound } from '../../shared/replay/account/account.ts';
import { accountStore } from '../../shared/replay/account/account-store.ts';
import { selectionRules } from '../../shared/replay/message/send-leave-or-quarantine.ts';
import { ReplayOptions } from '../../shared/replay/options.ts';
import { vaultQuarantine } from '../../shared/replay/quarantine/vault-quarantine.ts';
import { sqsQueue } from '../../shared/replay/queue/sqs-queue.ts';
import { atMost, WorkerAnswer } from '../../shared/replay/round/worker-answer.ts';
import { longestDelivery, openTargets, slowestTarget } from '../../shared/replay/targets/open-target.ts';
import { openAlreadyAppliedCheck } from '../../shared/replay/worker/already-applied.ts';
import { drain } from '../../shared/replay/worker/drain.ts';
import { leaseOf } from '../../shared/replay/worker/lease-duration.ts';
import { canary, sendMany } from '../../shared/replay/worker/sending-policy.ts';
import { Share } from '../../shared/replay/worker/share.ts';
import { shareOfConnections } from '../../shared/replay/worker/share-of-connections.ts';
import { s3Vault } from '../../shared/vault/s3-vault.ts';

/** Time to record the last outcomes after the last requests are abandoned. */
const MARGIN_MS = 15_000;

/** One worker of a replay, or its canary. See shared/replay/worker/drain for its steps. */
export const handler = task(
  {
    name: 'drain-queue',
    input: RunReference.extend({
      queue: z.string(),
      round: z.int().min(0),
      worker: z.string().min(1),
      share: Share,
      canary: z.boolean(),
      options: ReplayOptions,
      /** ISO time, or nothing. */
      deadline: z.string(),
    }),
    output: WorkerAnswer,
    environment: LedgerSettings.extend({ ...JournalSettings.shape, ...VaultSettings.shape }),
  },
  ({ LEDGER_TABLE, JOURNAL_TABLE, VAULT_BUCKET }) => {
    const { plan } = deployedPlan();
    const clock = systemClock;
    const dynamo = dynamoClient();
    const sqs = sqsClient();
    const secrets = secretsClient();
    const vault = s3Vault(s3Client(), VAULT_BUCKET, plan.vault.lock);
    const locks = dynamoLocks(dynamo, LEDGER_TABLE, clock);

    return (input, call) =>
      timed(clock, async () => {
        const { runId, share, canary: isCanary } = input;
        const planned = replayOf(plan, input.queue);
        const owner = `${runId}/${input.round}/${input.worker}/${call.requestId}`;
        const rules = selectionRules(planned, input.options.filter);
        const slowest = slowestTarget(planned);
        const target = await openTargets(input.queue, planned, isCanary ? 1 : share.inFlight, {
          secrets,
          clock,
        });
        const alreadyApplied = planned.alreadyApplied
          ? await openAlreadyAppliedCheck(
              await readDatabaseAccess(secrets, databaseOf(plan, planned.alreadyApplied.database).postgres),
              planned.alreadyApplied.sql,
              {
                connections: shareOfConnections(
                  databaseOf(plan, planned.alreadyApplied.database).postgres.connections,
                  planned.pace.workers,
                ),
              },
            )
          : null;
        try {
          const drained = await drain(
            {
              queue: await sqsQueue(sqs, planned.deadLetters),
              ledger: dynamoLedger(dynamo, LEDGER_TABLE, {
                scope: input.queue,
                owner,
                runId,
                retention: planned.ledger,
                clock,
              }),
              target,
              quarantine: vaultQuarantine(vault, input.queue, planned.quarantine, clock),
              alreadyApplied,
              accounts: accountStore(dynamo, JOURNAL_TABLE, { workload: plan.workload, runId, clock }),
              locks,
              clock,
            },
            {
              runId,
              owner,
              rules,
              rate: share.rate,
              policy: isCanary
                ? canary(Math.min(planned.canary, share.max ?? planned.canary), share.max ?? null)
                : sendMany({ inFlight: share.inFlight, max: share.max ?? null }),
              leaseMs: leaseOf(slowest),
              until: earlier(input.deadline, call.until.getTime() - longestDelivery(slowest) - MARGIN_MS),
              // The canary has a stricter rule: it counts messages that fail, not attempts.
              failureRatio: isCanary ? 1 : planned.failureRatio,
            },
            call.signal,
          );
          return {
            ...drained,
            reason: atMost(drained.reason),
            lastFailure: drained.lastFailure && atMost(drained.lastFailure),
            settled: gone(drained.account),
            retryable: worthAnotherRound(drained.account),
          };
        } finally {
          await Promise.allSettled([target.close(), alreadyApplied?.close()]);
        }
      });
  },
);

function earlier(deadline: string, milliseconds: number): Date {
  return new Date(Math.min(deadline === '' ? Number.POSITIVE_INFINITY : Date.parse(deadline), milliseconds));
}
