import {
  CreateQueueCommand,
  type MessageAttributeValue,
  ReceiveMessageCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs';
import type { SQSEvent } from 'aws-lambda';
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../shared/clock/clock.ts';
import { replay } from '../../shared/plan/sections/replays.ts';
import { parseExpression } from '../../shared/plan/values/expression.ts';
import type { ReceivedMessage } from '../../shared/replay/message/dead-letter.ts';
import { keyOf } from '../../shared/replay/message/idempotency-key.ts';
import { sqsQueue } from '../../shared/replay/queue/sqs-queue.ts';
import { openTargets } from '../../shared/replay/targets/open-target.ts';
import { destination } from '../unit/delivery/lambda-destination.ts';
import { deadLetter } from '../unit/replay/dead-letter.ts';
import { consumer, never, newQueue, owner, sqs } from './support/consumer.ts';
import { adds, open } from './support/open-replay.ts';

/** Dead letters that people met, rewritten small. Each broke a tool that moves or replays dead letters, or this one. */

let queues = 0;

interface Sent {
  readonly body: string;
  readonly attributes?: Readonly<Record<string, string | MessageAttributeValue>>;
}

/** Puts a dead letter on a queue of its own, and receives it as a replay does. */
async function received({ body, attributes = {} }: Sent): Promise<ReceivedMessage> {
  const name = `dead-${++queues}`;
  const QueueUrl = await newQueue(name);
  const MessageAttributes = Object.fromEntries(
    Object.entries(attributes).map(([key, value]) => [
      key,
      typeof value === 'string' ? { DataType: 'String', StringValue: value } : value,
    ]),
  );
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: body, MessageAttributes }));
  const queue = await sqsQueue(sqs, name);
  const [found] = await queue.receive({ max: 1, waitMs: 5_000, hiddenMs: 60_000 });
  if (!found) throw new Error('no message came');
  return found;
}

/** What the consumer is called with, or why it is not called. */
async function called(sent: Sent, as?: 'payload'): Promise<unknown> {
  const target = await consumer.open(as === undefined ? {} : { as });
  const before = consumer.events().length;
  const { message } = await received(sent);
  const delivery = await target.deliver(message, 'key', never);
  await target.close();
  return delivery.outcome === 'accepted' ? consumer.events()[before] : delivery;
}

const ARN = (service: string, name: string) => `arn:aws:${service}:us-east-1:123456789012:${name}`;
const event = {
  version: '0',
  id: '6a7e8feb',
  'detail-type': 'OrderPlaced',
  source: 'shop',
  detail: { orderId: 42 },
};
const ofRule = (target: string) => ({
  RULE_ARN: ARN('events', 'rule/orders'),
  TARGET_ARN: target,
  ERROR_CODE: 'NO_PERMISSIONS',
  ERROR_MESSAGE: 'not authorized to perform sqs:SendMessage',
});
/** https://github.com/kibertoad/fauxqs/pull/137 */
const ofTopic = {
  RequestID: 'a1b2c3d4',
  ErrorCode: 'AWS.SimpleQueueService.NonExistentQueue',
  ErrorMessage: 'The specified queue does not exist or you do not have access to it.',
};
/** Deeper than a recursive reader can go. */
const DEEP = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;
const deepRecord = JSON.stringify({ ...destination, requestPayload: 'deep' }).replace('"deep"', DEEP);

describe('a function whose dead letter', () => {
  test('a rule could not put on its queue gets the event that the queue gives', async () => {
    const sent = { body: JSON.stringify(event), attributes: ofRule(ARN('sqs', 'orders')) };
    const got = (await called(sent)) as SQSEvent;
    expect(Object.keys(got.Records[0]?.messageAttributes ?? {})).toEqual(['LifeboatKey', 'LifeboatReplayOf']);
    expect(got).toMatchObject({
      Records: [{ body: JSON.stringify(event), eventSourceARN: ARN('sqs', 'orders') }],
    });
  });

  test('a rule could not call it with gets the event itself', async () => {
    const sent = { body: JSON.stringify(event), attributes: ofRule(ARN('lambda', 'function:orders')) };
    expect(await called(sent)).toEqual(event);
  });

  test('a rule could not start a state machine with is not called', async () => {
    const sent = { body: JSON.stringify(event), attributes: ofRule(ARN('states', 'stateMachine:orders')) };
    expect(await called(sent)).toMatchObject({
      outcome: 'refused',
      reason: expect.stringContaining('it is not known in which shape'),
    });
  });

  test('a schedule could not put on a queue by itself is not called with the body of a message', async () => {
    const attributes = {
      SCHEDULE_ARN: ARN('scheduler', 'schedule/default/nightly'),
      TARGET_ARN: 'arn:aws:scheduler:::aws-sdk:sqs:sendMessage',
      EXECUTION_ID: 'ad06616e51cdf74a',
    };
    const body = '{"QueueUrl":"https://sqs","MessageBody":"{\\"orderId\\":42}"}';
    expect(await called({ body, attributes })).toMatchObject({ outcome: 'refused' });
  });

  test('a topic with raw delivery could not deliver is not taken for one of Lambda', async () => {
    expect(await called({ body: '{"orderId":42}', attributes: ofTopic })).toMatchObject({
      outcome: 'refused',
      reason: expect.stringContaining('set replays.tested.as to payload, sqs-event or sns-event'),
    });
  });

  test('says that Lambda stopped it for another reason than those in the documents gets its payload', async () => {
    const requestContext = { ...destination.requestContext, condition: 'RecursiveInvocation' };
    expect(await called({ body: JSON.stringify({ ...destination, requestContext }) })).toEqual(
      destination.requestPayload,
    );
  });

  test('is a record without its payload is not called with the record, whatever the plan says', async () => {
    const { requestPayload: _, ...record } = destination;
    expect(await called({ body: JSON.stringify(record) }, 'payload')).toMatchObject({
      outcome: 'refused',
      reason: expect.stringContaining('without its requestPayload'),
    });
  });

  test('holds a payload of fifty thousand levels is called with all of them', async () => {
    const { message } = await received({ body: deepRecord });
    const target = await consumer.open({});
    expect(await target.deliver(message, 'key', never)).not.toMatchObject({
      reason: expect.stringContaining('call stack'),
    });
    await target.close();
  });
});

describe('the key of an event', () => {
  const key = async (body: object) => {
    const attributes = ofRule(ARN('lambda', 'function:orders'));
    const { message } = await received({ body: JSON.stringify(body), attributes });
    return keyOf(message, null, () => ({})).key;
  };

  // https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-replay-archived-event.html
  test('that an archive replays is another one: it is delivered again on purpose', async () => {
    const first = await key(event);
    expect(await key(event)).toBe(first);
    const replayed = await key({ ...event, 'replay-name': 'after-the-outage' });
    expect(replayed).not.toBe(first);
    expect(await key({ ...event, 'replay-name': 'after-the-outage' })).toBe(replayed);
  });
});

describe('a queue', () => {
  async function replayed(sent: Sent) {
    const name = `again-${queues}`;
    const QueueUrl = await newQueue(name);
    const { message } = await received(sent);
    const planned = replay.parse({ deadLetters: 'dead', target: { queue: name }, scenario: 'outage' });
    const target = await openTargets('tested', planned, 1, {
      secrets: undefined as never,
      clock: systemClock,
      account: owner,
    });
    const delivery = await target.deliver(message, message.messageId, never);
    await target.close();
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MessageAttributeNames: ['All'], MaxNumberOfMessages: 10 }),
    );
    return { delivery, messages: Messages };
  }

  // https://github.com/DataDog/dd-trace-js/issues/1094: an eleventh attribute fails the message.
  test.each([
    ['a rule', ofRule(ARN('sqs', 'orders'))],
    ['a topic', ofTopic],
  ])(
    'gets a message without what %s wrote of its failure, so that its own attributes have room',
    async (_, of) => {
      const own = Object.fromEntries(Array.from({ length: 6 }, (_none, n) => [`own${n}`, `${n}`]));
      const { delivery, messages } = await replayed({
        body: '{"orderId":42}',
        attributes: { ...own, ...of },
      });
      expect(delivery).toEqual({ outcome: 'accepted' });
      expect(Object.keys(messages[0]?.MessageAttributes ?? {}).sort()).toEqual([
        'LifeboatKey',
        'LifeboatReplayOf',
        ...Object.keys(own),
      ]);
    },
  );

  // https://github.com/garryyao/replay-aws-dlq/pull/17, https://github.com/floci-io/floci/issues/988
  test('gets attributes that only look like those of a failure', async () => {
    const bytes = Uint8Array.from([0, 255]);
    const attributes = {
      ErrorCode: '7',
      RequestID: 'r',
      constructor: 'x',
      picture: { DataType: 'Binary.gif', BinaryValue: bytes },
    };
    const { messages } = await replayed({ body: 'x', attributes });
    expect(messages[0]?.MessageAttributes).toMatchObject({
      ErrorCode: { StringValue: '7' },
      RequestID: { StringValue: 'r' },
      constructor: { StringValue: 'x' },
      picture: { DataType: 'Binary.gif', BinaryValue: bytes },
    });
  });
});

describe('a FIFO queue', () => {
  /** Dead letters that are delivered one after the other, and the bodies that arrive. */
  async function arrive(...letters: { body: string; key: string; messageId: string; groupId: string }[]) {
    const name = `again-${++queues}.fifo`;
    const { QueueUrl } = await sqs.send(
      new CreateQueueCommand({ QueueName: name, Attributes: { FifoQueue: 'true' } }),
    );
    const planned = replay.parse({ deadLetters: 'dead.fifo', target: { queue: name }, scenario: 'outage' });
    const ports = { secrets: undefined as never, clock: systemClock, account: owner };
    const target = await openTargets('tested', planned, 1, ports);
    for (const { key, ...letter } of letters) {
      const sentAt = new Date(Date.now() - 86_400_000);
      const message = deadLetter({ ...letter, sentAt, deduplicationId: 'order-42' });
      expect(await target.deliver(message, key, never)).toEqual({ outcome: 'accepted' });
    }
    await target.close();
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 }),
    );
    return Messages.map(({ Body }) => Body);
  }

  // https://github.com/floci-io/floci/issues/901: an id counts within a group only, or for five minutes only.
  test('takes every dead letter, although some have one deduplication id', async () => {
    const placed = { body: 'placed', key: 'm1', messageId: 'm1', groupId: 'a' };
    const changed = { body: 'changed', key: 'm2', messageId: 'm2', groupId: 'a' };
    const elsewhere = { body: 'elsewhere', key: 'm3', messageId: 'm3', groupId: 'b' };
    expect((await arrive(placed, changed, elsewhere)).sort()).toEqual(['changed', 'elsewhere', 'placed']);
  });

  // https://github.com/ruby-shoryuken/shoryuken/pull/473
  test('takes a message again whose replay failed within five minutes, and one attempt once', async () => {
    const first = { body: 'first', key: 'm1', messageId: 'm1', groupId: 'a' };
    const again = { body: 'again', key: 'm1', messageId: 'm2', groupId: 'a' };
    expect(await arrive(first, first, again)).toEqual(['first', 'again']);
  });
});

describe('a replay', () => {
  /** Bodies of frameworks, which a tool parsed, cut or wrote anew. */
  const BODIES = [
    // https://github.com/celery/kombu/issues/2421: kombu writes base64.
    Buffer.from(JSON.stringify({ body: 'W10=', headers: { id: '1' } })).toString('base64'),
    // https://github.com/dusterio/laravel-plain-sqs/issues/4: PHP marks protected fields by NUL.
    '{"job":"CallQueuedHandler@call","data":{"command":"O:8:\\"SendMail\\":1:{s:5:\\"\\u0000*\\u0000id\\";i:3;}"}}',
    '\ufeff{"id":1}',
    '{"id":1,"id":2}',
    DEEP,
    '"\\ud83d"',
    '{"a":\t1}\r\n',
  ];

  test('delivers every body byte for byte, and one that is nested deeply stops nothing', async () => {
    const it = await open([deepRecord, ...BODIES]);
    const drained = await it.work();
    expect(drained).toMatchObject({ ended: 'empty', account: { received: 8, delivered: 8 } });
    adds(drained);
    // The receiver drops a byte order mark when it reads text.
    const sent = [deepRecord, ...BODIES].map((body) => body.replace(/^\ufeff/, ''));
    expect(it.receiver.taken.map(({ body }) => body).sort()).toEqual(sent.sort());
    expect(await it.left()).toBe(0);
  });

  test('with a filter decides on a body that is nested deeply', async () => {
    const it = await open([deepRecord, '{"wanted":true}']);
    const text = 'body.wanted';
    const filters = [{ text, holds: parseExpression(text) }];
    expect(await it.inspect({ filters })).toMatchObject({ wouldBe: { deliver: 1, filtered: 1 } });
  });
});
