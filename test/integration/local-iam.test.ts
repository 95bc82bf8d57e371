import {
  BatchExecuteStatementCommand,
  CreateTableCommand,
  DynamoDBClient,
  ExecuteStatementCommand,
  ExecuteTransactionCommand,
} from '@aws-sdk/client-dynamodb';
import {
  CreateAccessKeyCommand,
  CreateUserCommand,
  IAMClient,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import { PublishBatchCommand, SNSClient } from '@aws-sdk/client-sns';
import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  GetQueueUrlCommand,
  SendMessageBatchCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clientsFor } from '../../local/account.ts';
import { openAccount, type TestAccount } from './support/account.ts';

let aws: TestAccount;
let QueueUrl: string;

beforeAll(async () => {
  aws = await openAccount();
  const { dynamodb, sqs, destroy } = clientsFor(aws);
  ({ QueueUrl = '' } = await sqs.send(new GetQueueUrlCommand({ QueueName: 'mailblast-dlq' })));
  for (const TableName of ['ledger', 'other'])
    await dynamodb.send(
      new CreateTableCommand({
        TableName,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [{ AttributeName: 'key', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'key', KeyType: 'HASH' }],
      }),
    );
  destroy();
});

afterAll(() => aws?.stop());

/** What an SDK client needs to act as a user who may do so much and nothing else. */
async function as(Action: string, Resource: string) {
  const { region, endpoint, accountId } = aws;
  const root = { region, endpoint, credentials: { accessKeyId: accountId, secretAccessKey: 'test' } };
  const iam = new IAMClient(root);
  const UserName = `user-${Action.replace(':', '-')}-${Resource.length}`;
  const Statement = [{ Effect: 'Allow', Action, Resource }];
  await iam.send(new CreateUserCommand({ UserName }));
  await iam.send(
    new PutUserPolicyCommand({
      UserName,
      PolicyName: 'one',
      PolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement }),
    }),
  );
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
  iam.destroy();
  const credentials = {
    accessKeyId: AccessKey?.AccessKeyId ?? '',
    secretAccessKey: AccessKey?.SecretAccessKey ?? '',
  };
  return { region, endpoint, credentials };
}

describe('a batch of messages', () => {
  const Entries = [{ Id: '0', MessageBody: 'm', ReceiptHandle: 'r', VisibilityTimeout: 0 }];
  const batches = {
    SendMessage: () => new SendMessageBatchCommand({ QueueUrl, Entries }),
    DeleteMessage: () => new DeleteMessageBatchCommand({ QueueUrl, Entries }),
    ChangeMessageVisibility: () => new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries }),
  };

  test.each(['SendMessage', 'DeleteMessage', 'ChangeMessageVisibility'] as const)(
    'is allowed by sqs:%s, and by nothing else',
    async (action) => {
      const arn = `arn:aws:sqs:${aws.region}:${aws.accountId}:mailblast-dlq`;
      const allowed = new SQSClient(await as(`sqs:${action}`, arn));
      for (const [name, batch] of Object.entries(batches)) {
        // The handle is no real one: what is allowed fails for it, or not at all.
        const sent = allowed.send(batch() as SendMessageBatchCommand);
        if (name === action) await expect(sent).resolves.toBeDefined();
        else await expect(sent).rejects.toThrow(`not authorized to perform: sqs:${name} `);
      }
      allowed.destroy();
    },
  );

  test('is allowed by sns:Publish on its topic', async () => {
    const TopicArn = `arn:aws:sns:${aws.region}:${aws.accountId}:mailblast-email-events`;
    const batch = () =>
      new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries: [{ Id: '0', Message: 'm' }] });
    const allowed = new SNSClient(await as('sns:Publish', TopicArn));
    const other = new SNSClient(await as('sns:Publish', `${TopicArn}-other`));
    await expect(allowed.send(batch())).resolves.toBeDefined();
    await expect(other.send(batch())).rejects.toThrow('not authorized to perform: sns:Publish ');
    allowed.destroy();
    other.destroy();
  });
});

test('a PartiQL statement is allowed by its verb on its table, alone, in a batch and in a transaction', async () => {
  const ledger = `arn:aws:dynamodb:${aws.region}:${aws.accountId}:table/ledger`;
  const dynamodb = new DynamoDBClient(await as('dynamodb:PartiQLInsert', ledger));
  const insert = (table: string, key: string) => `INSERT INTO "${table}" VALUE {'key': '${key}'}`;
  const select = `SELECT * FROM "ledger" WHERE "key" = 'a'`;
  const ways = {
    alone: (Statement: string) => dynamodb.send(new ExecuteStatementCommand({ Statement })),
    batch: (...all: string[]) =>
      dynamodb.send(
        new BatchExecuteStatementCommand({ Statements: all.map((Statement) => ({ Statement })) }),
      ),
    transaction: (...all: string[]) =>
      dynamodb.send(
        new ExecuteTransactionCommand({ TransactStatements: all.map((Statement) => ({ Statement })) }),
      ),
  };
  for (const [key, run] of Object.entries(ways)) {
    await expect(run(insert('ledger', key))).resolves.toBeDefined();
    await expect(run(select)).rejects.toThrow('not authorized to perform: dynamodb:PartiQLSelect ');
    await expect(run(insert('other', key))).rejects.toThrow(
      'not authorized to perform: dynamodb:PartiQLInsert ',
    );
  }
  // One that is not allowed among those that are.
  await expect(ways.batch(insert('ledger', 'more'), select)).rejects.toThrow('dynamodb:PartiQLSelect ');
  dynamodb.destroy();
});
