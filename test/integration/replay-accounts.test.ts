import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { dynamoClient } from '../../shared/aws/clients/dynamodb.ts';
import { EMPTY_ACCOUNT } from '../../shared/replay/account/account.ts';
import { accountStore } from '../../shared/replay/account/account-store.ts';
import type { Ending } from '../../shared/replay/account/ending.ts';
import { type SteppedClock, steppedClock } from '../unit/replay/stepped-clock.ts';
import { openAccount, type TestAccount } from './support/account.ts';
import { createJournalTable } from './support/tables.ts';

const EMPTY: Ending = { ended: 'empty', reason: 'the queue has no more' };
const STOPPED: Ending = { ended: 'stopped', reason: 'the target refused 3 messages' };

let aws: TestAccount;
let dynamo: DynamoDBClient;
let clock: SteppedClock;

beforeAll(async () => {
  aws = await openAccount();
  const credentials = { accessKeyId: aws.accountId, secretAccessKey: 'test' };
  dynamo = dynamoClient({ endpoint: aws.endpoint, region: aws.region, credentials });
  await createJournalTable(dynamo, 'journal');
});

afterAll(async () => {
  dynamo?.destroy();
  await aws?.stop();
});

beforeEach(() => {
  clock = steppedClock();
});

describe('the accounts of a run', () => {
  const storeOf = (runId: string, workload = 'mailblast') =>
    accountStore(dynamo, 'journal', { workload, runId, clock });
  const account = (received: number) => ({
    ...EMPTY_ACCOUNT,
    received,
    delivered: received,
    reasons: { 'done-before': 2 },
  });

  test('are those of its workers, as they were saved last', async () => {
    const store = storeOf('run-1');
    expect(await store.savedBatch('run-1/1/0/a')).toBe(0);
    expect(await store.all()).toEqual([]);
    await store.save({ owner: 'run-1/1/0/a', number: 1 }, account(10), null);
    await store.save({ owner: 'run-1/1/1/b', number: 1 }, account(7), null);
    clock.pass(1_000);
    await store.save({ owner: 'run-1/1/0/a', number: 2 }, account(20), EMPTY);
    await storeOf('run-2').save({ owner: 'run-2/1/0/a', number: 9 }, account(99), null);
    await storeOf('run-1', 'bots').save({ owner: 'run-1/1/0/a', number: 9 }, account(99), null);
    expect(await store.savedBatch('run-1/1/0/a')).toBe(2);
    expect(await store.all()).toEqual([
      {
        owner: 'run-1/1/0/a',
        batch: 2,
        account: account(20),
        savedAt: clock.now(),
        ending: EMPTY,
      },
      {
        owner: 'run-1/1/1/b',
        batch: 1,
        account: account(7),
        savedAt: new Date(clock.now().getTime() - 1_000),
        ending: null,
      },
    ]);
  });

  test('never go back to an earlier batch, in whatever order they arrive', async () => {
    const store = storeOf('run-3');
    const owner = 'run-3/1/0/a';
    const batches = Array.from({ length: 30 }, (_, index) => index + 1);
    await Promise.all(
      batches.toReversed().map((number) => store.save({ owner, number }, account(number), null)),
    );
    expect(await store.all()).toMatchObject([{ batch: 30, account: { received: 30 } }]);
    await store.save({ owner, number: 30 }, account(30), STOPPED);
    await store.save({ owner, number: 30 }, account(30), null);
    await store.save({ owner, number: 29 }, account(29), EMPTY);
    expect(await store.all()).toMatchObject([{ batch: 30, account: { received: 30 }, ending: STOPPED }]);
  });
});
