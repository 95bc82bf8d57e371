import { DynamoDBClient, GetItemCommand, QueryCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, test } from 'vitest';
import { EMPTY_ACCOUNT } from '../../../../shared/replay/account/account.ts';
import { accountStore } from '../../../../shared/replay/account/account-store.ts';
import { steppedClock } from '../stepped-clock.ts';

const dynamo = mockClient(DynamoDBClient);
const store = accountStore(new DynamoDBClient({ region: 'us-east-1' }), 'journal', {
  workload: 'mailblast',
  runId: 'run',
  clock: steppedClock(),
});
const batch = { owner: 'run/1/0/a', number: 3 };

/** A worker's account as DynamoDB keeps it. */
const item = {
  workload: { S: 'mailblast#replay#run' },
  run: { S: 'run/1/0/a' },
  owner: { S: 'run/1/0/a' },
  batch: { N: '3' },
  account: { S: JSON.stringify({ ...EMPTY_ACCOUNT, received: 7, delivered: 7 }) },
  savedAt: { S: '2026-10-05T02:00:00.000Z' },
};

beforeEach(() => dynamo.reset());

describe('the accounts of a run', () => {
  test('are read to the last page', async () => {
    const next = { workload: item.workload, run: item.run };
    dynamo
      .on(QueryCommand)
      .resolvesOnce({ Items: [item], LastEvaluatedKey: next })
      .resolvesOnce({ Items: [], LastEvaluatedKey: next })
      .resolvesOnce({
        Items: [
          {
            ...item,
            owner: { S: 'run/1/1/b' },
            ended: { S: 'empty' },
            endReason: { S: 'the queue has no more' },
          },
          // As the first versions saved it.
          { ...item, owner: { S: 'run/1/2/c' }, ended: { S: 'stopped: the canary failed: answered 500' } },
        ],
      });
    expect((await store.all()).map(({ owner, ending }) => [owner, ending])).toEqual([
      ['run/1/0/a', null],
      ['run/1/1/b', { ended: 'empty', reason: 'the queue has no more' }],
      ['run/1/2/c', { ended: 'stopped', reason: 'the canary failed: answered 500' }],
    ]);
  });

  test.each([
    ['whose figures are no JSON', { ...item, account: { S: '{' } }],
    [
      'with a count below zero',
      { ...item, account: { S: JSON.stringify({ ...EMPTY_ACCOUNT, received: -1 }) } },
    ],
    ['that lacks a count', { ...item, account: { S: '{"received":1}' } }],
    ['with a batch that is no number', { ...item, batch: { S: '3' } }],
    ['that ended in no known way', { ...item, ended: { S: 'tired' } }],
    ['without a time', { ...item, savedAt: { S: 'yesterday' } }],
  ])('cannot be told with one %s', async (_, damaged) => {
    dynamo.on(QueryCommand).resolves({ Items: [item, damaged] });
    await expect(store.all()).rejects.toMatchObject({
      name: 'AccountUnreadable',
      message: expect.stringContaining(
        'worker "run/1/0/a" (table journal, partition "mailblast#replay#run")',
      ),
    });
  });

  test('do not pass for unsaved where the batch cannot be read', async () => {
    dynamo.on(GetItemCommand).resolves({ Item: { batch: { S: 'three' } } });
    await expect(store.savedBatch('run/1/0/a')).rejects.toMatchObject({ name: 'AccountUnreadable' });
  });

  test('fail aloud where they cannot be saved: nothing may be deleted then', async () => {
    const refusal = Object.assign(new Error('slow down'), { name: 'ProvisionedThroughputExceededException' });
    dynamo.on(UpdateItemCommand).rejects(refusal);
    await expect(store.save(batch, EMPTY_ACCOUNT, null)).rejects.toBe(refusal);
  });
});
