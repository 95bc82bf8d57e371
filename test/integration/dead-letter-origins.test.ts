import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { GetQueueAttributesCommand, ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../shared/clock/clock.ts';
import type { OutgoingMessage } from '../../shared/delivery/outgoing-message.ts';
import { replay } from '../../shared/plan/sections/replays.ts';
import { select, selectionRules } from '../../shared/replay/message/send-leave-or-quarantine.ts';
import { sourceOf } from '../../shared/replay/message/source.ts';
import type { DeadLetterQueue } from '../../shared/replay/queue/dead-letter-queue.ts';
import { inspect } from '../../shared/replay/queue/inspect.ts';
import { requireOneSource } from '../../shared/replay/queue/readiness.ts';
import { sqsQueue } from '../../shared/replay/queue/sqs-queue.ts';
import { openTargets } from '../../shared/replay/targets/open-target.ts';
import { fieldCase } from '../cases/field-case.ts';
import { destination } from '../unit/delivery/lambda-destination.ts';
import { consumer, never, newQueue, owner, sqs } from './support/consumer.ts';

let queues = 0;

/** A dead-letter queue, and queues that move to it what was received once. */
async function shared(...names: string[]) {
  const dead = `dead-${++queues}`;
  const url = await newQueue(dead);
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['QueueArn'] }),
  );
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: Attributes?.QueueArn, maxReceiveCount: 1 });
  const sources = await Promise.all(
    names.map((name) => newQueue(`${name}-${queues}`, { RedrivePolicy, VisibilityTimeout: '0' })),
  );
  return { dead, url, sources, queue: await sqsQueue(sqs, dead) };
}

/** Sends a message and lets its consumer fail it. */
async function fail(QueueUrl: string, MessageBody: string): Promise<void> {
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
  for (let time = 0; time < 2; time++)
    await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 0 }));
}

async function receiveAll(queue: DeadLetterQueue): Promise<OutgoingMessage[]> {
  const all: OutgoingMessage[] = [];
  for (;;) {
    const received = await queue.receive({ max: 10, waitMs: 1_000, hiddenMs: 60_000 });
    if (received.length === 0) return all;
    all.push(...received.map(({ message }) => message));
  }
}

const inspectIt = (queue: DeadLetterQueue, planned: ReturnType<typeof replay.parse>, filter?: string) =>
  inspect(
    { queue, readKeyStatus: async (wanted) => wanted.map(() => 'new' as const), clock: systemClock },
    selectionRules(planned, filter),
    { atMost: 10, signal: never },
  );

fieldCase('B1', async (now) => {
  const { dead, queue, sources } = await shared('orders', 'payments');
  for (const [index, url] of sources.entries())
    for (const n of [1, 2, 3]) await fail(url, `{"from":${index},"n":${n}}`);
  const [orders, payments] = [`orders-${queues}`, `payments-${queues}`];
  const planned = replay.parse({
    deadLetters: dead,
    target: { queue: 'sales' },
    scenario: 'webhook-failure',
  });

  const inspection = await inspectIt(queue, planned);
  expect(inspection).toMatchObject({
    feeding: [`queue:${orders}`, `queue:${payments}`],
    sources: { [`queue:${orders}`]: 3, [`queue:${payments}`]: 3 },
  });
  const rules = selectionRules(planned);
  let words = '';
  try {
    requireOneSource(planned, rules, inspection);
  } catch (error) {
    words = `${error}`;
  }
  now(words);
  expect(words).toMatch(/^MixedSources: messages of 2 sources .*sources: any/);

  const filter = `source == '${orders}'`;
  const filtered = await inspectIt(queue, planned, filter);
  expect(filtered).toMatchObject({
    sources: { [`queue:${orders}`]: 3 },
    wouldBe: { filtered: 3, deliver: 3 },
  });
  requireOneSource(planned, selectionRules(planned, filter), filtered);

  const [toOrders, toPayments] = [await newQueue('orders-again'), await newQueue('payments-again')];
  const routed = replay.parse({
    ...{ deadLetters: dead, target: { queue: 'orders-again' }, scenario: 'webhook-failure' },
    sources: { [payments]: { target: { queue: 'payments-again' } } },
  });
  requireOneSource(routed, rules, inspection);
  const secrets = new SecretsManagerClient(owner);
  const target = await openTargets('shared', routed, 1, { secrets, clock: systemClock, account: owner });
  for (const message of await receiveAll(queue))
    expect(await target.deliver(message, message.messageId, never)).toEqual({ outcome: 'accepted' });
  await target.close();
  secrets.destroy();
  const bodiesIn = async (QueueUrl: string) => {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }),
    );
    return Messages.map(({ Body = '' }) => JSON.parse(Body).from);
  };
  expect(await bodiesIn(toOrders)).toEqual([0, 0, 0]);
  expect(await bodiesIn(toPayments)).toEqual([1, 1, 1]);
});

test('a queue and a function with one name are two sources of their dead-letter queue', async () => {
  const { dead, queue, url, sources } = await shared('twins');
  const twins = `twins-${queues}`;
  await fail(sources[0] ?? '', '{"orderId":1}');
  const functionArn = `arn:aws:lambda:us-west-2:123456789012:function:${twins}:$LATEST`;
  const record = { ...destination, requestContext: { ...destination.requestContext, functionArn } };
  await sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: JSON.stringify(record) }));
  const planned = replay.parse({
    deadLetters: dead,
    target: { queue: 'sales' },
    scenario: 'webhook-failure',
  });
  const inspection = await inspectIt(queue, planned);
  expect(inspection.sources).toEqual({ [`queue:${twins}`]: 1, [`function:${twins}`]: 1 });
  expect(() => requireOneSource(planned, selectionRules(planned), inspection)).toThrow(
    `messages of 2 sources are in one dead-letter queue (function:${twins}, queue:${twins})`,
  );
  const filter = `source == '${twins}' && sourceKind == 'function'`;
  const filtered = await inspectIt(queue, planned, filter);
  expect(filtered).toMatchObject({
    sources: { [`function:${twins}`]: 1 },
    wouldBe: { filtered: 1, deliver: 1 },
  });
  requireOneSource(planned, selectionRules(planned, filter), filtered);
});

describe('a function that is the target of dead letters', () => {
  const ofDeadLetterQueue = {
    RequestID: { DataType: 'String', StringValue: 'e4b46cbf' },
    ErrorCode: { DataType: 'Number', StringValue: '200' },
    ErrorMessage: { DataType: 'String', StringValue: 'cannot read the order' },
  };

  async function deliverFrom(queue: DeadLetterQueue) {
    const target = await consumer.open({});
    const before = consumer.events().length;
    const outcomes = [];
    for (const message of await receiveAll(queue)) outcomes.push(await target.deliver(message, 'key', never));
    await target.close();
    return { outcomes, events: consumer.events().slice(before) };
  }

  fieldCase('B2', async (now) => {
    const { queue, url } = await shared();
    const record = JSON.stringify({ ...destination, requestPayload: { orderId: 42 } });
    await sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: record }));
    await sqs.send(
      new SendMessageCommand({
        QueueUrl: url,
        MessageBody: '{"orderId":43}',
        MessageAttributes: ofDeadLetterQueue,
      }),
    );
    const { outcomes, events } = await deliverFrom(queue);
    now(`called with ${events.map((event) => JSON.stringify(event)).join(' and ')}`);
    expect(outcomes).toEqual([{ outcome: 'accepted' }, { outcome: 'accepted' }]);
    expect(events).toEqual([{ orderId: 42 }, { orderId: 43 }]);
  });

  test('gets an event of SQS where it consumed a queue, which the event names', async () => {
    const { queue, sources } = await shared('orders');
    await fail(sources[0] ?? '', '{"orderId":44}');
    const { outcomes, events } = await deliverFrom(queue);
    expect(outcomes).toEqual([{ outcome: 'accepted' }]);
    expect(events).toMatchObject([
      { Records: [{ body: '{"orderId":44}', eventSourceARN: expect.stringMatching(/:orders-\d+$/) }] },
    ]);
  });

  test('is not called with a message that does not tell in which shape it was first given', async () => {
    const { queue, url } = await shared();
    await sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: '{"orderId":45}' }));
    const { outcomes, events } = await deliverFrom(queue);
    expect(outcomes).toEqual([
      {
        outcome: 'refused',
        reason: expect.stringContaining('set replays.tested.as to payload, sqs-event or sns-event'),
      },
    ]);
    expect(events).toEqual([]);
  });
});

test('a record of a batch of a stream goes to quarantine before anything is sent', async () => {
  const { dead, queue, url } = await shared();
  const record = {
    requestContext: { functionArn: 'arn:aws:lambda:eu-west-1:1:function:f' },
    KinesisBatchInfo: { shardId: 's' },
  };
  await sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: JSON.stringify(record) }));
  const planned = replay.parse({
    deadLetters: dead,
    target: { function: { name: 'consumer' } },
    scenario: 'webhook-failure',
  });
  const [received] = await queue.receive({ max: 1, waitMs: 1_000, hiddenMs: 60_000 });
  if (!received) throw new Error('a message was sent');
  expect(sourceOf(received.message)?.id).toBe('function:f');
  expect(select(received, selectionRules(planned), new Date())).toMatchObject({
    verdict: 'quarantine',
    kind: 'no-payload',
    reason: expect.stringContaining('KinesisBatchInfo'),
  });
});
