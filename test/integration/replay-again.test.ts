import { randomUUID } from 'node:crypto';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dynamoClient } from '../../shared/aws/clients/dynamodb.ts';
import { systemClock } from '../../shared/clock/clock.ts';
import { dynamoLedger } from '../../shared/ledger/dynamo-ledger.ts';
import { dynamoLocks } from '../../shared/locks/dynamo-locks.ts';
import { replay as replaySchema } from '../../shared/plan/sections/replays.ts';
import { selectionRules } from '../../shared/replay/message/send-leave-or-quarantine.ts';
import { sqsQueue } from '../../shared/replay/queue/sqs-queue.ts';
import { queueTarget } from '../../shared/replay/targets/queue.ts';
import { drain } from '../../shared/replay/worker/drain.ts';
import { sendMany } from '../../shared/replay/worker/sending-policy.ts';
import { openAccount, type TestAccount } from './support/account.ts';
import { createLedgerTable } from './support/tables.ts';

const DAY = 86_400_000;

let aws: TestAccount;
let sqs: SQSClient;
let dynamo: DynamoDBClient;
const queues = { deadLetters: '', orders: '' };

beforeAll(async () => {
  aws = await openAccount();
  const credentials = { accessKeyId: aws.accountId, secretAccessKey: 'test' };
  const root = { endpoint: aws.endpoint, region: aws.region, credentials };
  sqs = new SQSClient(root);
  dynamo = dynamoClient(root);
  await createLedgerTable(dynamo, 'ledger');
  const create = async (QueueName: string, Attributes: Record<string, string>) =>
    (await sqs.send(new CreateQueueCommand({ QueueName, Attributes }))).QueueUrl ?? '';
  queues.deadLetters = await create('orders-dlq', {});
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: queues.deadLetters, AttributeNames: ['QueueArn'] }),
  );
  // A consumer that fails once is one that fails.
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: Attributes?.QueueArn, maxReceiveCount: 1 });
  queues.orders = await create('orders', { RedrivePolicy, VisibilityTimeout: '0' });
});

afterAll(async () => {
  sqs?.destroy();
  dynamo?.destroy();
  await aws?.stop();
});

/** One replay of the dead letters to the queue that they came from. */
async function replay() {
  const clock = systemClock;
  const owner = `run/${randomUUID()}`;
  const { account } = await drain(
    {
      queue: await sqsQueue(sqs, 'orders-dlq'),
      ledger: dynamoLedger(dynamo, 'ledger', {
        scope: 'orders',
        owner,
        runId: 'run',
        retention: 15 * DAY,
        clock,
      }),
      target: await queueTarget(sqs, 'orders', clock),
      quarantine: {
        keep: async () => {
          throw new Error('nothing here is poison');
        },
      },
      alreadyApplied: null,
      accounts: { save: async () => {}, savedBatch: async () => Number.POSITIVE_INFINITY },
      locks: dynamoLocks(dynamo, 'ledger', clock),
      clock,
    },
    {
      runId: 'run',
      owner,
      rules: selectionRules(
        replaySchema.parse({ deadLetters: 'orders-dlq', target: { queue: 'orders' }, scenario: 'any' }),
      ),
      rate: 100,
      policy: sendMany({ inFlight: 5, max: null }),
      leaseMs: 30_000,
      until: new Date(Date.now() + 60_000),
      failureRatio: 1,
    },
    AbortSignal.timeout(60_000),
  );
  return account;
}

async function receive(): Promise<Message | undefined> {
  const asked = { QueueUrl: queues.orders, MessageAttributeNames: ['All'], WaitTimeSeconds: 1 };
  return (await sqs.send(new ReceiveMessageCommand(asked))).Messages?.[0];
}

describe('a message that a replay put on a queue', () => {
  test('is delivered again when its consumer fails again, and only then', async () => {
    const sent = new SendMessageCommand({ QueueUrl: queues.deadLetters, MessageBody: '{"order":1}' });
    const { MessageId: original } = await sqs.send(sent);
    expect(await replay()).toMatchObject({ received: 1, delivered: 1 });

    // The consumer fails: it does not delete what it received, and SQS moves it at the next receive.
    const first = await receive();
    expect(first?.MessageAttributes?.LifeboatKey?.StringValue).toBe(original);
    expect(await receive()).toBeUndefined();

    expect(await replay()).toMatchObject({ received: 1, delivered: 1, duplicates: 0, unknown: 0 });
    const second = await receive();
    expect(second?.Body).toBe('{"order":1}');
    expect(second?.MessageAttributes?.LifeboatKey?.StringValue).toBe(original);

    // The consumer succeeds. A copy of what came back the first time is nothing new.
    await sqs.send(
      new DeleteMessageCommand({ QueueUrl: queues.orders, ReceiptHandle: second?.ReceiptHandle }),
    );
    await sqs.send(
      new SendMessageCommand({
        QueueUrl: queues.deadLetters,
        MessageBody: first?.Body,
        MessageAttributes: first?.MessageAttributes,
      }),
    );
    expect(await replay()).toMatchObject({ received: 1, delivered: 0, duplicates: 1 });
    expect(await receive()).toBeUndefined();
  });
});
