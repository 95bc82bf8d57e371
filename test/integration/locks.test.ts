import {
  type AttributeValue,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dynamoClient } from '../../shared/aws/clients/dynamodb.ts';
import { dynamoLocks } from '../../shared/locks/dynamo-locks.ts';
import { describeLocks } from '../contract/locks.ts';
import { steppedClock } from '../unit/replay/stepped-clock.ts';
import { openAccount, type TestAccount } from './support/account.ts';
import { createLedgerTable } from './support/tables.ts';

let aws: TestAccount;
let dynamo: DynamoDBClient;

beforeAll(async () => {
  aws = await openAccount();
  const credentials = { accessKeyId: aws.accountId, secretAccessKey: 'test' };
  dynamo = dynamoClient({ endpoint: aws.endpoint, region: aws.region, credentials });
  await createLedgerTable(dynamo, 'ledger');
});

afterAll(async () => {
  dynamo?.destroy();
  await aws?.stop();
});

describeLocks('locks in DynamoDB', (clock) => dynamoLocks(dynamo, 'ledger', clock));

describe('a lock that a state machine wrote', () => {
  const put = (name: string, item: Record<string, AttributeValue>) =>
    dynamo.send(new PutItemCommand({ TableName: 'ledger', Item: { key: { S: `lock#${name}` }, ...item } }));

  test('is held until its time is over, by whom it says', async () => {
    const clock = steppedClock();
    const locks = dynamoLocks(dynamo, 'ledger', clock);
    expect(await locks.holder('failover')).toBeNull();
    const until = new Date(clock.now().getTime() + 5_000);
    await put('failover', { owner: { S: 'execution-1' }, until: { N: String(until.getTime()) } });
    expect(await locks.holder('failover')).toEqual({ owner: 'execution-1', until });
    expect(await locks.holder('replay#events')).toBeNull();
    clock.pass(4_999);
    expect(await locks.holder('failover')).toEqual({ owner: 'execution-1', until });
    clock.pass(1);
    expect(await locks.holder('failover')).toBeNull();
  });

  test('that cannot be read is an error, not a free lock', async () => {
    await put('failover', { owner: { S: 'execution-1' }, until: { S: '2026-10-05' } });
    await expect(dynamoLocks(dynamo, 'ledger', steppedClock()).holder('failover')).rejects.toMatchObject({
      name: 'LockUnreadable',
      message: expect.stringContaining('"lock#failover" in table ledger'),
    });
  });
});

test('taken by a function is the item that the state machines write', async () => {
  const clock = steppedClock();
  await dynamoLocks(dynamo, 'ledger', clock).take('replay#events', 'run-1', 60_000);
  const end = clock.now().getTime() + 60_000;
  const key = { key: { S: 'lock#replay#events' } };
  const { Item } = await dynamo.send(new GetItemCommand({ TableName: 'ledger', Key: key }));
  expect(Item).toEqual({
    ...key,
    owner: { S: 'run-1' },
    until: { N: String(end) },
    expiration: { N: String(end / 1000 + 86_400) },
  });
});

test('cannot be taken, extended or released where nothing says who holds them', async () => {
  const locks = dynamoLocks(dynamo, 'ledger', steppedClock());
  await dynamo.send(
    new PutItemCommand({ TableName: 'ledger', Item: { key: { S: 'lock#odd' }, until: { S: 'noon' } } }),
  );
  for (const call of [
    locks.take('odd', 'a', 1_000),
    locks.extend('odd', 'a', 1_000),
    locks.release('odd', 'a'),
  ])
    await expect(call).rejects.toMatchObject({ name: 'LockUnreadable' });
  await expect(locks.holder('odd')).rejects.toMatchObject({ name: 'LockUnreadable' });
});
