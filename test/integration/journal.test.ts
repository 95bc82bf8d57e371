import { randomUUID } from 'node:crypto';
import { CreateTableCommand, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dynamoJournal } from '../../shared/journal/dynamo-journal.ts';
import { journalContract } from '../contract/journal.ts';
import { openAccount, type TestAccount } from './support/account.ts';

const TABLE = 'journal-contract';
let aws: TestAccount;
let dynamo: DynamoDBClient;

beforeAll(async () => {
  aws = await openAccount();
  dynamo = new DynamoDBClient({
    region: aws.region,
    endpoint: aws.endpoint,
    credentials: { accessKeyId: aws.accountId, secretAccessKey: 'test' },
  });
  await dynamo.send(
    new CreateTableCommand({
      TableName: TABLE,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [
        { AttributeName: 'workload', AttributeType: 'S' },
        { AttributeName: 'run', AttributeType: 'S' },
      ],
      KeySchema: [
        { AttributeName: 'workload', KeyType: 'HASH' },
        { AttributeName: 'run', KeyType: 'RANGE' },
      ],
    }),
  );
});

afterAll(async () => {
  dynamo?.destroy();
  await aws?.stop();
});

journalContract('DynamoDB', () => {
  const workload = randomUUID();
  return {
    ...dynamoJournal(dynamo, TABLE, workload),
    // The item of the state "Note the announcement": test/state-machines/describe-run-keeping.ts.
    async keep({ series, announced }) {
      const key = { workload: { S: `${workload}#announcements` }, run: { S: series } };
      await dynamo.send(
        new PutItemCommand({ TableName: TABLE, Item: { ...key, announced: { S: announced } } }),
      );
    },
  };
});

test('a journal shows no record of another workload', async () => {
  const run = {
    machine: 'backup',
    runId: 'nightly',
    startedAt: '2026-10-05T02:00:00.000Z',
    startedBy: 'a test',
    subject: 'main',
    status: 'running',
  };
  await dynamoJournal(dynamo, TABLE, 'maily').write(run);
  expect(await dynamoJournal(dynamo, TABLE, 'mailblast').recent(10)).toEqual([]);
});
