import { randomUUID } from 'node:crypto';
import { type AttributeValue, type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dynamoClient } from '../../shared/aws/clients/dynamodb.ts';
import { dynamoFailoverState } from '../../shared/failover/dynamo-failover-state.ts';
import { describeFailoverState } from '../contract/failover-state.ts';
import { openAccount, type TestAccount } from './support/account.ts';
import { createLedgerTable } from './support/tables.ts';

let aws: TestAccount;
let dynamo: DynamoDBClient;

beforeAll(async () => {
  aws = await openAccount();
  const credentials = { accessKeyId: aws.accountId, secretAccessKey: 'test' };
  dynamo = dynamoClient({ endpoint: aws.endpoint, region: aws.region, credentials });
});

afterAll(async () => {
  dynamo?.destroy();
  await aws?.stop();
});

const newTable = () => createLedgerTable(dynamo, `failover-${randomUUID()}`); // the same key

describeFailoverState('DynamoDB', async () => dynamoFailoverState(dynamo, await newTable()));

describe('an item that an operator writes', () => {
  const written = async (key: string, item: Record<string, AttributeValue>) => {
    const TableName = await newTable();
    await dynamo.send(new PutItemCommand({ TableName, Item: { key: { S: key }, ...item } }));
    return dynamoFailoverState(dynamo, TableName);
  };

  test('switches the automatic failover off', async () => {
    const state = await written('automatic-failover', {
      since: { S: '2026-01-05T12:00:00Z' },
      by: { S: 'alice' },
      reason: { S: 'the standby is upgraded' },
    });
    const since = new Date('2026-01-05T12:00:00Z');
    expect(await state.switchedOff()).toEqual({ since, by: 'alice', reason: 'the standby is upgraded' });
  });

  test.each([
    ['automatic-failover', { since: { S: 'today' }, by: { S: 'alice' } }, 'write it with the texts "since"'],
    ['sightings', { version: { N: '3' }, seen: { S: '[{"signal":1}]' } }, 'the watch begins anew'],
    ['sightings', { version: { N: '3' }, seen: { S: 'not JSON' } }, 'the watch begins anew'],
  ])('as "%s" that cannot be read is an error that says what to do', async (key, item, hint) => {
    const state = await written(key, item as Record<string, AttributeValue>);
    const reading = key === 'sightings' ? state.sightings() : state.switchedOff();
    await expect(reading).rejects.toMatchObject({
      name: 'FailoverStateUnreadable',
      hint: expect.stringContaining(hint),
    });
  });
});
