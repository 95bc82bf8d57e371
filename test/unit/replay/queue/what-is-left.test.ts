import { describe, expect, test } from 'vitest';
import type { DeadLetterQueue, QueueState } from '../../../../shared/replay/queue/dead-letter-queue.ts';
import { type KnownOfQueue, whatIsLeft } from '../../../../shared/replay/queue/what-is-left.ts';
import { memoryQueue } from '../memory-queue.ts';
import { virtualTimer } from '../virtual-timer.ts';

const never = new AbortController().signal;
const emptied: KnownOfQueue = { gone: 500, returned: 0, hiddenBefore: 0 };

/** A queue whose counters say this, whatever it holds, until they settle. */
function open(
  messages: number,
  counters: Partial<QueueState>,
  settleMs = Number.POSITIVE_INFINITY,
  fifo = false,
) {
  const clock = virtualTimer();
  const start = clock.now().getTime();
  const kept = Array.from({ length: messages }, () => (fifo ? { groupId: 'a', deduplicationId: 'x' } : {}));
  const memory = memoryQueue(clock, kept, { fifo });
  const elapsed = () => clock.now().getTime() - start;
  const calls: string[] = [];
  const queue: DeadLetterQueue = {
    ...memory.queue,
    receive(options) {
      calls.push('receive');
      return memory.queue.receive(options);
    },
    async inspect() {
      calls.push('inspect');
      const state = await memory.queue.inspect();
      return elapsed() < settleMs ? { ...state, visible: 0, inFlight: 0, ...counters } : state;
    },
  };
  const left = (known: Partial<KnownOfQueue> = {}) =>
    whatIsLeft({ queue, clock }, { ...emptied, ...known }, never);
  return { left, elapsed, calls, visible: async () => (await memory.queue.inspect()).visible };
}

describe('what a replay leaves in its queue', () => {
  test('is nothing where no counter counts any and no message went back: no message is received', async () => {
    const it = open(0, {});
    expect(await it.left()).toBe(0);
    expect(it.calls).toEqual(['inspect']);
  });

  test.each<[string, Partial<QueueState>]>([
    ['visible messages', { visible: 500 }],
    ['hidden messages', { inFlight: 120 }],
    ['both', { visible: 380, inFlight: 120 }],
  ])('is nothing where an empty long poll says so, and late counters still count %s', async (_, counters) => {
    const it = open(0, counters);
    expect(await it.left()).toBe(0);
    expect(it.elapsed()).toBeLessThan(5_000);
  });

  test('is counted by receiving it where the counters are late, and is shown again', async () => {
    const it = open(13, { visible: 500, inFlight: 7 });
    expect(await it.left({ returned: 13 })).toBe(13);
    expect(it.elapsed()).toBeLessThan(5_000);
    expect(await it.visible()).toBe(13);
  });

  test('is found where the counters do not count yet what went back', async () => {
    expect(await open(3, { visible: 0 }).left({ returned: 3 })).toBe(3);
  });

  test.each<[string, Partial<KnownOfQueue>]>([
    ['some went back and may be hidden', { returned: 3 }],
    ['some were hidden before, by another consumer', { hiddenBefore: 2 }],
    ['more are hidden than this replay took', { gone: 2 }],
    ['this replay took none', { gone: 0 }],
  ])('is looked at again for 90 s where %s', async (_, known) => {
    const settles = open(0, { inFlight: 3 }, 60_000);
    expect(await settles.left(known)).toBe(0);
    expect(settles.elapsed()).toBeGreaterThanOrEqual(60_000);
    const stays = open(0, { inFlight: 3 });
    expect(await stays.left(known)).toBe(3);
    expect(stays.elapsed()).toBeGreaterThanOrEqual(90_000);
    expect(stays.elapsed()).toBeLessThan(120_000);
  });

  test('is SQS’s approximation where it is much, without a wait', async () => {
    const it = open(240, { visible: 230, inFlight: 4 });
    expect(await it.left({ returned: 2 })).toBe(234);
    expect(it.calls.filter((call) => call === 'receive')).toHaveLength(10);
    expect(it.elapsed()).toBeLessThan(5_000);
    expect(await it.visible()).toBe(240);
  });

  test('is SQS’s approximation in a FIFO queue that gives no more of a group while one of it is hidden', async () => {
    const it = open(25, { visible: 25 }, 0, true);
    expect(await it.left({ returned: 25 })).toBe(25);
  });

  test('is nothing in a FIFO queue that gives nothing at all', async () => {
    expect(await open(0, { visible: 40 }, Number.POSITIVE_INFINITY, true).left()).toBe(0);
  });
});
