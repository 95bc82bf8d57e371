import { randomUUID } from 'node:crypto';
import type { Message } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { accepted } from '../../shared/delivery/delivery-outcome.ts';
import type { SnsEnvelope } from '../../shared/delivery/sns-envelope.ts';
import type { DeadLetter } from '../../shared/replay/message/dead-letter.ts';
import { type Receiver, targetContract } from '../contract/target.ts';
import { deadLetter, envelope } from '../unit/replay/dead-letter.ts';
import { openAccount, type TestAccount } from './support/account.ts';
import { type Identity, nobody, root } from './targets/account.ts';
import { clock } from './targets/clock.ts';
import { functionReceiver } from './targets/function-receiver.ts';
import { createInbox, type Inbox } from './targets/inbox.ts';
import { queueReceiver } from './targets/queue-receiver.ts';
import { topicReceiver } from './targets/topic-receiver.ts';
import { webhookReceiver } from './targets/webhook-receiver.ts';

let aws: TestAccount;
let owner: Identity;
let stranger: Identity;
let inboxes: Record<'queue' | 'fifoQueue' | 'raw' | 'fifoRaw' | 'enveloped' | 'deadLetters', Inbox>;
let webhook: Awaited<ReturnType<typeof webhookReceiver>>;
let tlsWebhook: Awaited<ReturnType<typeof webhookReceiver>>;
let consumer: Awaited<ReturnType<typeof functionReceiver>>;
let topic: Receiver;
let fifoTopic: Receiver;

beforeAll(async () => {
  aws = await openAccount();
  owner = root(aws);
  stranger = await nobody(aws);
  inboxes = {
    queue: await createInbox(owner, 'sales'),
    fifoQueue: await createInbox(owner, 'sales.fifo'),
    raw: await createInbox(owner, 'raw'),
    fifoRaw: await createInbox(owner, 'raw.fifo'),
    enveloped: await createInbox(owner, 'enveloped'),
    deadLetters: await createInbox(owner, 'dead'),
  };
  const who = { owner, stranger };
  const { raw, enveloped, fifoRaw } = inboxes;
  webhook = await webhookReceiver(owner, stranger, { tls: false });
  tlsWebhook = await webhookReceiver(owner, stranger, { tls: true });
  topic = await topicReceiver(aws, who, { name: 'sales', deadLetters: 'dead', raw, enveloped });
  fifoTopic = await topicReceiver(aws, who, {
    name: 'sales.fifo',
    deadLetters: 'dead',
    raw: fifoRaw,
  });
  consumer = await functionReceiver(aws, who, 'dead');
});

afterAll(async () => {
  for (const inbox of Object.values(inboxes ?? {})) inbox.close();
  for (const receiver of [webhook, tlsWebhook, consumer]) await receiver?.stop();
  await aws?.stop();
});

const replayOf = (inbox: Inbox) => queueReceiver(aws, owner, stranger, inbox);

targetContract('a webhook on this machine', () => webhook);
targetContract('a webhook over TLS', () => tlsWebhook);
targetContract('a queue', () => replayOf(inboxes.queue));
targetContract('a FIFO queue', () => replayOf(inboxes.fifoQueue));
targetContract('a topic', () => topic);
targetContract('a FIFO topic', () => fifoTopic);
targetContract('a function', () => consumer);

const never = new AbortController().signal;
const binary = Buffer.from([0, 255, 13, 10, 128]);
const attributes: DeadLetter['attributes'] = {
  kind: { type: 'String', value: 'Grüße\n"🛟"' },
  count: { type: 'Number.int', value: '7' },
  picture: { type: 'Binary.png', value: binary },
};
const many = (count: number): DeadLetter['attributes'] =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`a${i}`, { type: 'String', value: 'x' }]));

/** Delivers over a target that is closed again. */
async function deliver(receiver: Receiver, difference: Partial<DeadLetter>, key: string) {
  const target = await receiver.open();
  try {
    return await target.deliver(deadLetter(difference), key, never);
  } finally {
    await target.close();
  }
}

describe('a message on a queue', () => {
  test('has all its attributes, its key and its origin', async () => {
    const key = randomUUID();
    await deliver(replayOf(inboxes.queue), { attributes }, key);
    const [message] = await inboxes.queue.under(key);
    expect(message?.MessageAttributes).toEqual({
      kind: { DataType: 'String', StringValue: 'Grüße\n"🛟"' },
      count: { DataType: 'Number.int', StringValue: '7' },
      picture: { DataType: 'Binary.png', BinaryValue: new Uint8Array(binary) },
      LifeboatKey: { DataType: 'String', StringValue: key },
      LifeboatReplayOf: { DataType: 'String', StringValue: deadLetter({}).messageId },
    });
  });

  test('may have eight attributes beside key and origin, or ten with them, and is refused with more', async () => {
    const [key, first] = [randomUUID(), randomUUID()];
    expect(await deliver(replayOf(inboxes.queue), { attributes: many(8) }, key)).toEqual(accepted);
    expect(Object.keys((await inboxes.queue.under(key))[0]?.MessageAttributes ?? {})).toHaveLength(10);
    const carried = {
      ...many(8),
      LifeboatKey: { type: 'String', value: first },
      LifeboatReplayOf: { type: 'String', value: 'an earlier one' },
    };
    expect(await deliver(replayOf(inboxes.queue), { attributes: carried }, first)).toEqual(accepted);
    expect(await deliver(replayOf(inboxes.queue), { attributes: many(9) }, key)).toMatchObject({
      outcome: 'refused',
      reason: expect.stringContaining('10 message attributes'),
    });
  });
});

describe('a message on a FIFO queue', () => {
  const sent = (difference: Partial<DeadLetter>, key: string) =>
    deliver(replayOf(inboxes.fifoQueue), difference, key);
  const ids = ({ Attributes }: Message = {}) => [
    Attributes?.MessageGroupId,
    Attributes?.MessageDeduplicationId,
  ];

  test('keeps its group, and gets a deduplication id that no other message has', async () => {
    const [key, deduplicationId] = [randomUUID(), randomUUID()];
    await sent({ groupId: 'customer-7', deduplicationId }, key);
    expect((await inboxes.fifoQueue.under(key)).map(ids)).toEqual([
      ['customer-7', expect.stringMatching(/^lifeboat-[0-9a-f]{64}$/)],
    ]);
  });

  test('takes effect once, however often it is sent', async () => {
    const key = randomUUID();
    for (let i = 0; i < 3; i += 1) expect(await sent({}, key)).toEqual(accepted);
    expect(await inboxes.fifoQueue.under(key)).toHaveLength(1);
  });

  test('is not lost where the queue still remembers its deduplication id', async () => {
    const [deduplicationId, before, key] = [randomUUID(), randomUUID(), randomUUID()];
    await sent({ groupId: 'customer-7', deduplicationId }, before);
    await sent({ groupId: 'customer-7', deduplicationId, sentAt: clock.now() }, key);
    expect(await inboxes.fifoQueue.under(key)).toHaveLength(1);
  });

  test('stays in the order of its group', async () => {
    const key = randomUUID();
    const target = await replayOf(inboxes.fifoQueue).open();
    for (let i = 0; i < 12; i += 1)
      await target.deliver(
        deadLetter({ body: String(i), groupId: key, messageId: `${key}-${i}` }),
        key,
        never,
      );
    await target.close();
    expect((await inboxes.fifoQueue.under(key)).map(({ Body }) => Number(Body))).toEqual(
      Array.from({ length: 12 }, (_, i) => i),
    );
  });
});

describe('a message on a topic', () => {
  const notification = {
    ...envelope,
    Subject: 'An order',
    Message: 'line\n"🛟"',
    MessageAttributes: {
      kind: { Type: 'String', Value: 'order' },
      kinds: { Type: 'String.Array', Value: '["a","b"]' },
      picture: { Type: 'Binary', Value: binary.toString('base64') },
    },
  };

  test('that came out of SNS is published as it was the first time', async () => {
    const key = randomUUID();
    const body = JSON.stringify(notification);
    // What SNS adds to a message in its dead-letter queue is no attribute of the message.
    const ofTheQueue = { ErrorCode: { type: 'Number', value: '500' } };
    expect(await deliver(topic, { body, attributes: ofTheQueue }, key)).toEqual(accepted);

    const [raw] = await inboxes.raw.under(key);
    expect(raw?.Body).toBe('line\n"🛟"');
    expect(raw?.MessageAttributes).toEqual({
      kind: { DataType: 'String', StringValue: 'order' },
      kinds: { DataType: 'String.Array', StringValue: '["a","b"]' },
      picture: { DataType: 'Binary', BinaryValue: new Uint8Array(binary) },
      LifeboatKey: { DataType: 'String', StringValue: key },
      LifeboatReplayOf: { DataType: 'String', StringValue: deadLetter({}).messageId },
    });
    const enveloped = (await inboxes.enveloped.all()).map(({ Body = '' }) => JSON.parse(Body) as SnsEnvelope);
    expect(
      enveloped.find(({ MessageAttributes }) => MessageAttributes?.LifeboatKey?.Value === key),
    ).toMatchObject({
      Type: 'Notification',
      Subject: 'An order',
      Message: 'line\n"🛟"',
      MessageAttributes: { kind: { Type: 'String', Value: 'order' } },
    });
  });

  test('that did not is published with its own attributes, by types that SNS knows', async () => {
    const key = randomUUID();
    expect(await deliver(topic, { attributes }, key)).toEqual(accepted);
    const [raw] = await inboxes.raw.under(key);
    expect(raw?.Body).toBe(deadLetter().body);
    expect(raw?.MessageAttributes).toMatchObject({
      kind: { DataType: 'String', StringValue: 'Grüße\n"🛟"' },
      count: { DataType: 'Number', StringValue: '7' },
      picture: { DataType: 'Binary', BinaryValue: new Uint8Array(binary) },
    });
  });

  test.each(['SubscriptionConfirmation', 'UnsubscribeConfirmation'])('is not a %s', async (Type) => {
    const body = JSON.stringify({ ...envelope, Type });
    expect(await deliver(topic, { body }, randomUUID())).toEqual({
      outcome: 'refused',
      reason: `it is a ${Type} of SNS, and nothing to publish`,
    });
  });

  test('is refused with more attributes than a subscribed queue would take', async () => {
    expect(await deliver(topic, { attributes: many(10) }, randomUUID())).toMatchObject({
      outcome: 'refused',
    });
  });

  test('of FIFO keeps its group, and takes effect once', async () => {
    const [key, deduplicationId] = [randomUUID(), randomUUID()];
    for (let i = 0; i < 2; i += 1)
      expect(await deliver(fifoTopic, { groupId: 'customer-7', deduplicationId }, key)).toEqual(accepted);
    const came = await inboxes.fifoRaw.under(key);
    expect(came.map(({ Attributes }) => Attributes?.MessageGroupId)).toEqual(['customer-7']);
  });
});

describe('a function', () => {
  test('gets what its queue would give it', async () => {
    const key = randomUUID();
    expect(await deliver(consumer, { attributes, body: 'line\n"🛟"' }, key)).toEqual(accepted);
    const record = consumer.records().at(-1);
    expect(record).toMatchObject({
      messageId: deadLetter().messageId,
      body: 'line\n"🛟"',
      eventSource: 'aws:sqs',
      eventSourceARN: inboxes.deadLetters.arn,
      awsRegion: aws.region,
      messageAttributes: { LifeboatKey: { stringValue: key }, picture: { binaryValue: 'AP8NCoA=' } },
    });
    expect(JSON.stringify(record)).not.toContain(deadLetter().receiptHandle);
  });

  test.each([
    [
      'throw',
      {
        outcome: 'failed',
        slowDown: true,
        reason: 'function "consumer" ended with TypeError: cannot read the order',
      },
    ],
    [
      'report',
      {
        outcome: 'failed',
        slowDown: false,
        reason: 'function "consumer" reported that it could not process the message',
      },
    ],
    [
      'hang',
      {
        outcome: 'unknown',
        slowDown: true,
        reason: expect.stringContaining('Task timed out after 3.00 seconds'),
      },
    ],
  ] as const)('that ends with %s did not accept', async (ending, expected) => {
    consumer.endNext(ending);
    expect(await deliver(consumer, {}, randomUUID())).toMatchObject(expected);
  });
});
