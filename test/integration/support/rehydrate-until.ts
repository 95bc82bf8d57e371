// Rehydrates, hangs at the given point, and waits until it is killed.

import { dynamoClient } from '../../../shared/aws/clients/dynamodb.ts';
import { sqsClient } from '../../../shared/aws/clients/sqs.ts';
import { systemClock } from '../../../shared/clock/clock.ts';
import { sendOnce } from '../../../shared/delivery/send-once.ts';
import { dynamoLedger } from '../../../shared/ledger/dynamo-ledger.ts';
import type { Ledger } from '../../../shared/ledger/ledger.ts';
import { rehydrate } from '../../../shared/rehydration/rehydrate.ts';
import { sqsDestination } from '../../../shared/rehydration/sqs-destination.ts';

const { point, times, access, sql, queue, table, rehydration } = JSON.parse(process.argv[2] ?? '');
let passed = 0;

async function hang(here: string): Promise<void> {
  if (here !== point || ++passed !== times) return;
  process.stdout.write('here\n');
  setInterval(() => {}, 60_000);
  await new Promise(() => {});
}

const inner = dynamoLedger(dynamoClient(), table, {
  scope: `rehydration:${rehydration}`,
  owner: `child-${process.pid}`,
  runId: 'killed',
  retention: 86_400_000,
  clock: systemClock,
});
const ledger: Ledger = {
  ...inner,
  async claim(wanted, leaseUntil) {
    const claims = await inner.claim(wanted, leaseUntil);
    await hang('claimed');
    return claims;
  },
  async settle(settlements) {
    const unheld = await inner.settle(settlements);
    await hang('settled');
    return unheld;
  },
};
const sqs = sqsClient(sendOnce({}, 10));
sqs.middlewareStack.add(
  (next, context) => async (args) => {
    const answer = await next(args);
    if (context.commandName === 'SendMessageBatchCommand') await hang('sent');
    return answer;
  },
  { step: 'initialize' },
);
await rehydrate(
  {
    destination: await sqsDestination(
      { sqs, ledger, readKeyStatus: async () => [], clock: systemClock },
      { queue, rehydration },
    ),
    progress: { report: () => {}, settled: async () => {} },
  },
  {
    rehydration,
    access,
    sql,
    dryRun: false,
    signal: new AbortController().signal,
  },
);
