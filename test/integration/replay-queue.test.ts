import {
  CreateAccessKeyCommand,
  CreateUserCommand,
  IAMClient,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import {
  CreateQueueCommand,
  DeleteQueueCommand,
  type MessageAttributeValue,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sqsAttributes } from '../../shared/delivery/sqs-attributes.ts';
import type { DeadLetter } from '../../shared/replay/message/dead-letter.ts';
import type { DeadLetterQueue } from '../../shared/replay/queue/dead-letter-queue.ts';
import { sqsQueue } from '../../shared/replay/queue/sqs-queue.ts';
import { deadLetterQueueContract } from '../contract/dead-letter-queue.ts';
import { openAccount, type TestAccount } from './support/account.ts';

/** Longer than any test. */
const HIDDEN_MS = 600_000;

let aws: TestAccount;
let root: { endpoint: string; region: string; credentials: { accessKeyId: string; secretAccessKey: string } };
let sqs: SQSClient;
let made = 0;

beforeAll(async () => {
  aws = await openAccount();
  const credentials = { accessKeyId: aws.accountId, secretAccessKey: 'test' };
  root = { endpoint: aws.endpoint, region: aws.region, credentials };
  sqs = new SQSClient(root);
});

afterAll(async () => {
  sqs?.destroy();
  await aws?.stop();
});

async function createQueue(Attributes: Record<string, string> = {}) {
  made += 1;
  const name = `dead-letters-${made}${Attributes.FifoQueue ? '.fifo' : ''}`;
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: name, Attributes }));
  return { name, QueueUrl, queue: await sqsQueue(sqs, name) };
}

async function receiveOne(queue: DeadLetterQueue): Promise<DeadLetter> {
  const [received] = await queue.receive({ max: 1, waitMs: 5_000, hiddenMs: HIDDEN_MS });
  if (!received) throw new Error('no message came');
  return received.message;
}

/** 256 KiB of what breaks in shells, in CSV and in JSON. */
function awkwardBody(): string {
  const line = `it's "quoted", \\n is no line, $(rm -rf) %s 🛟 é \t\r\n\n`;
  const bytes = 256 * 1024;
  const lines = line.repeat(Math.floor(bytes / Buffer.byteLength(line)));
  return lines + '.'.repeat(bytes - Buffer.byteLength(lines));
}

deadLetterQueueContract('SQS', async (kind) => {
  const { queue, QueueUrl } = await createQueue(kind === 'fifo' ? { FifoQueue: 'true' } : {});
  return {
    queue,
    async send({ body, attributes = {}, groupId, deduplicationId }) {
      await sqs.send(
        new SendMessageCommand({
          QueueUrl,
          MessageBody: body,
          MessageAttributes: sqsAttributes(attributes),
          MessageGroupId: groupId,
          MessageDeduplicationId: deduplicationId,
        }),
      );
    },
  };
});

describe('a dead letter', () => {
  test.each([
    ['256 KiB with quotes, line ends and emoji', awkwardBody()],
    ['spaces around', ' \n\t{"a":1}\r\n '],
    ['JSON that is cut', '{"Type":"Notification","Message":"'],
    ['one line end', '\n'],
    ['markup', `<a href='x'>&amp;</a>]]>`],
  ])('arrives byte for byte: %s', async (_, body) => {
    const { queue, QueueUrl } = await createQueue();
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: body }));
    expect((await receiveOne(queue)).body === body).toBe(true);
  });

  test('brings its attributes, of every type', async () => {
    const { queue, QueueUrl } = await createQueue();
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
    const attributes: Record<string, MessageAttributeValue> = {
      plain: { DataType: 'String', StringValue: 'it\'s "so" 🛟\n' },
      custom: { DataType: 'String.campaign', StringValue: 'x' },
      count: { DataType: 'Number.int', StringValue: '0042' },
      bytes: { DataType: 'Binary', BinaryValue: bytes },
      picture: { DataType: 'Binary.gif', BinaryValue: bytes.subarray(0, 3) },
    };
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x', MessageAttributes: attributes }));
    const message = await receiveOne(queue);
    expect(message.attributes).toEqual({
      plain: { type: 'String', value: 'it\'s "so" 🛟\n' },
      custom: { type: 'String.campaign', value: 'x' },
      count: { type: 'Number.int', value: '0042' },
      bytes: { type: 'Binary', value: bytes },
      picture: { type: 'Binary.gif', value: bytes.subarray(0, 3) },
    });
  });

  test('tells when it was sent and how often it was received', async () => {
    const { queue, QueueUrl } = await createQueue();
    const before = Date.now();
    const { MessageId } = await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x' }));
    const after = Date.now();
    const first = await receiveOne(queue);
    expect(first).toMatchObject({
      messageId: MessageId,
      attributes: {},
      receiveCount: 1,
      groupId: null,
      deduplicationId: null,
    });
    expect(first.sentAt.getTime()).toBeGreaterThanOrEqual(before - 1);
    expect(first.sentAt.getTime()).toBeLessThanOrEqual(after + 1);
    expect(await queue.hide([first], 0)).toEqual([]);
    const second = await receiveOne(queue);
    expect(second).toMatchObject({ messageId: MessageId, receiveCount: 2, sentAt: first.sentAt });
  });
});

describe('a dead-letter queue', () => {
  test('counts what is visible, in flight and delayed', async () => {
    const { queue, QueueUrl } = await createQueue({ MessageRetentionPeriod: '1209600' });
    for (const DelaySeconds of [0, 0, 0, 900])
      await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x', DelaySeconds }));
    await receiveOne(queue);
    expect(await queue.inspect()).toEqual({
      visible: 2,
      inFlight: 1,
      delayed: 1,
      retention: 14 * 86_400_000,
      fifo: false,
    });
  });

  test('is missing where there is none, in another Region, and once it was deleted', async () => {
    const { name, queue, QueueUrl } = await createQueue();
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x' }));
    const message = await receiveOne(queue);
    const missing = (region: string, queueName = name) => ({
      name: 'QueueMissing',
      message: expect.stringContaining(`there is no queue "${queueName}" in Region ${region}`),
    });
    await expect(sqsQueue(sqs, 'nothing')).rejects.toMatchObject(missing(aws.region, 'nothing'));
    const elsewhere = new SQSClient({ ...root, region: 'eu-west-3' });
    await expect(sqsQueue(elsewhere, name)).rejects.toMatchObject(missing('eu-west-3'));
    elsewhere.destroy();
    await sqs.send(new DeleteQueueCommand({ QueueUrl }));
    for (const call of [
      () => queue.receive({ max: 1, waitMs: 0, hiddenMs: 0 }),
      () => queue.delete([message]),
      () => queue.hide([message], 0),
      () => queue.inspect(),
    ])
      await expect(call()).rejects.toMatchObject(missing(aws.region));
  });

  test('is forbidden to who may not use it: the action that is missing is named', async () => {
    const { name, queue, QueueUrl } = await createQueue();
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x' }));
    const message = await receiveOne(queue);
    const iam = new IAMClient(root);
    await iam.send(new CreateUserCommand({ UserName: 'stranger' }));
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'stranger' }));
    const { AccessKeyId: accessKeyId = '', SecretAccessKey: secretAccessKey = '' } = AccessKey ?? {};
    const stranger = new SQSClient({ ...root, credentials: { accessKeyId, secretAccessKey } });
    const forbidden = (action: string) => ({
      name: 'QueueForbidden',
      message: expect.stringContaining(`the caller may not ${action} on queue "${name}"`),
    });
    await expect(sqsQueue(stranger, name)).rejects.toMatchObject(forbidden('sqs:GetQueueUrl'));
    await iam.send(
      new PutUserPolicyCommand({
        UserName: 'stranger',
        PolicyName: 'find',
        PolicyDocument: JSON.stringify({
          Version: '2012-10-17',
          Statement: [{ Effect: 'Allow', Action: 'sqs:GetQueueUrl', Resource: '*' }],
        }),
      }),
    );
    const found = await sqsQueue(stranger, name);
    for (const [action, call] of [
      ['sqs:ReceiveMessage', () => found.receive({ max: 1, waitMs: 0, hiddenMs: 0 })],
      ['sqs:DeleteMessage', () => found.delete([message])],
      ['sqs:ChangeMessageVisibility', () => found.hide([message], 0)],
      ['sqs:GetQueueAttributes', () => found.inspect()],
    ] as const)
      await expect(call()).rejects.toMatchObject(forbidden(action));
    expect(await queue.inspect()).toMatchObject({ inFlight: 1 });
    iam.destroy();
    stranger.destroy();
  });
});
