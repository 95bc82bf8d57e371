import * as z from 'zod';
import { dynamoClient } from '../../shared/aws/clients/dynamodb.ts';
import { sqsClient } from '../../shared/aws/clients/sqs.ts';
import { systemClock } from '../../shared/clock/clock.ts';
import { deployedPlan } from '../../shared/lambda/deployed-plan.ts';
import { JournalSettings } from '../../shared/lambda/environment.ts';
import { task } from '../../shared/lambda/task.ts';
import { replayOf } from '../../shared/plan/lookup.ts';
import { timed } from '../../shared/progress/phase.ts';
import { RunReference } from '../../shared/progress/run-reference.ts';
import { gone } from '../../shared/replay/account/account.ts';
import { accountStore } from '../../shared/replay/account/account-store.ts';
import { concludeReplay } from '../../shared/replay/account/conclude.ts';
import { settleAccount } from '../../shared/replay/account/settle-account.ts';
import { sqsQueue } from '../../shared/replay/queue/sqs-queue.ts';
import { whatIsLeft } from '../../shared/replay/queue/what-is-left.ts';
import { AccountSettled, ReplayEnd } from '../../shared/replay/step-answers.ts';

/** Adds up the counts that a replay's workers saved, and checks what is left in the queue. */
export const handler = task(
  {
    name: 'settle-account',
    input: RunReference.extend({
      queue: z.string(),
      /** How the replay ended, before this function settled its account. */
      ...ReplayEnd.shape,
      /** Messages that were hidden or delayed before the replay received any. */
      hiddenBefore: z.int().min(0),
    }),
    output: AccountSettled,
    environment: JournalSettings,
  },
  ({ JOURNAL_TABLE }) => {
    const { plan } = deployedPlan();
    const dynamo = dynamoClient();
    const sqs = sqsClient();
    return ({ runId, queue: name, outcome, reason, hiddenBefore }, { signal }) =>
      timed(systemClock, async () => {
        const accounts = accountStore(dynamo, JOURNAL_TABLE, {
          workload: plan.workload,
          runId,
          clock: systemClock,
        });
        const queue = await sqsQueue(sqs, replayOf(plan, name).deadLetters);
        const settled = settleAccount(await accounts.all());
        const { returned } = settled.account;
        const known = { gone: gone(settled.account), returned, hiddenBefore };
        const left = await whatIsLeft({ queue, clock: systemClock }, known, signal);
        return { ...settled, left, ...concludeReplay({ outcome, reason }, settled, left) };
      });
  },
);
