import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, test } from 'vitest';
import { dynamoLocks } from '../../../shared/locks/dynamo-locks.ts';
import { steppedClock } from '../replay/stepped-clock.ts';

const dynamo = mockClient(DynamoDBClient);
const clock = steppedClock();
const locks = dynamoLocks(new DynamoDBClient({ region: 'us-east-1' }), 'ledger', clock);
const soon = String(clock.now().getTime() + 1);

beforeEach(() => dynamo.reset());

describe('a lock', () => {
  test('is read as it is at this moment', async () => {
    dynamo.on(GetItemCommand).resolves({});
    expect(await locks.holder('failover')).toBeNull();
    expect(dynamo.commandCalls(GetItemCommand)[0]?.args[0].input).toEqual({
      TableName: 'ledger',
      Key: { key: { S: 'lock#failover' } },
      ConsistentRead: true,
    });
  });

  test.each([
    ['nobody', { owner: { S: '' }, until: { N: soon } }],
    ['an owner without an expiry', { owner: { S: 'execution' } }],
    ['an owner until a time in words', { owner: { S: 'execution' }, until: { S: 'noon' } }],
    ['an owner until a part of a millisecond', { owner: { S: 'execution' }, until: { N: '1.5' } }],
  ])('that names %s is not taken for a free one', async (_, Item) => {
    dynamo.on(GetItemCommand).resolves({ Item });
    await expect(locks.holder('failover')).rejects.toMatchObject({ name: 'LockUnreadable' });
  });

  test('that cannot be read for now is not taken for a free one', async () => {
    const refusal = Object.assign(new Error('slow down'), { name: 'ThrottlingException' });
    dynamo.on(GetItemCommand).rejects(refusal);
    await expect(locks.holder('failover')).rejects.toBe(refusal);
  });
});
