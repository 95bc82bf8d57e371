import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock, type Timer } from '../../shared/clock/clock.ts';
import { sqsQueue } from '../../shared/replay/queue/sqs-queue.ts';
import { type KnownOfQueue, whatIsLeft } from '../../shared/replay/queue/what-is-left.ts';
import { openAccount, type TestAccount } from './support/account.ts';
import { openQueue } from './support/replay-queue.ts';

/** Longer than any test. */
const HIDDEN_MS = 600_000;

let aws: TestAccount;
let sqs: SQSClient;
let made = 0;

beforeAll(async () => {
  aws = await openAccount();
  const credentials = { accessKeyId: aws.accountId, secretAccessKey: 'test' };
  sqs = new SQSClient({ endpoint: aws.endpoint, region: aws.region, credentials });
});

afterAll(async () => {
  sqs?.destroy();
  await aws?.stop();
});

const LATE_SECONDS = 4;

/** So that 90 s take nine: a wait is a tenth as long, and the clock ten times as fast. */
const fast: Timer = {
  now: () => new Date(Date.now() * 10),
  sleep: (milliseconds, signal) => systemClock.sleep(milliseconds / 10, signal),
};

/**
 * A queue whose counters settle some seconds after a change, as those of SQS do. Its 25 messages were taken out just now.
 *
 * @param hidden messages that another consumer has received before
 */
async function emptied({ hidden = 0 } = {}) {
  made += 1;
  const name = `emptied-${made}`;
  const tags = { 'local:counters-late-seconds': String(LATE_SECONDS) };
  await sqs.send(new CreateQueueCommand({ QueueName: name, tags }));
  const { put } = await openQueue(sqs, name);
  const queue = await sqsQueue(sqs, name);
  const receive = async (hiddenMs = HIDDEN_MS) =>
    (await queue.receive({ max: 10, waitMs: 1_000, hiddenMs })).map(({ message }) => message);
  if (hidden > 0) {
    await put(Array.from({ length: hidden }, (_, number) => `hidden ${number}`));
    expect(await receive()).toHaveLength(hidden);
  }
  await put(Array.from({ length: 25 }, (_, number) => `${number}`));
  await expect
    .poll(() => queue.inspect(), { timeout: 10_000 })
    .toMatchObject({ visible: 25, inFlight: hidden });
  for (let left = 25; left > 0; ) {
    const taken = await receive();
    await queue.delete(taken);
    left -= taken.length;
  }
  const counted = await queue.inspect();
  expect(counted.visible).toBeGreaterThan(0);
  return {
    put,
    receive,
    queue,
    left: (known: Partial<KnownOfQueue> = {}, clock: Timer = systemClock) =>
      whatIsLeft(
        { queue, clock },
        { gone: 25, returned: 0, hiddenBefore: 0, ...known },
        AbortSignal.timeout(100_000),
      ),
  };
}

describe('what a replay leaves in a queue whose counters are late', () => {
  test('is nothing at once, because an empty long poll says so', async () => {
    const it = await emptied();
    const start = performance.now();
    expect(await it.left()).toBe(0);
    expect(performance.now() - start).toBeLessThan(LATE_SECONDS * 1_000);
  });

  test('is counted by receiving it, and shown again', async () => {
    const it = await emptied();
    await it.put(['a', 'b', 'c']);
    expect(await it.left({ returned: 3 })).toBe(3);
    expect(await it.receive()).toHaveLength(3);
  });

  test('is found although the counters do not count yet what went back', async () => {
    const it = await emptied();
    await expect.poll(async () => (await it.queue.inspect()).visible, { timeout: 10_000 }).toBe(0);
    await it.put(['a']);
    expect((await it.queue.inspect()).visible).toBe(0);
    expect(await it.left({ returned: 1 })).toBe(1);
  });

  test('counts what another consumer hides, once the counters have settled', async () => {
    expect(await (await emptied({ hidden: 2 })).left({ hiddenBefore: 2 }, fast)).toBe(2);
  });

  test('is nothing once the counters have settled, where a message that went back was delivered later', async () => {
    expect(await (await emptied()).left({ returned: 1 }, fast)).toBe(0);
  });
});
