import { describe, expect, test } from 'vitest';
import { createBatcher } from '../../../shared/concurrency/batcher.ts';
import { virtualTimer } from '../replay/virtual-timer.ts';

/** Answers each number by its double, after so many milliseconds, and notes the batches. */
function open({ oneAtATime = false, takesMs = 0 } = {}) {
  const clock = virtualTimer();
  const batches: number[][] = [];
  let running = 0;
  let most = 0;
  const batcher = createBatcher<number, number>(
    async (numbers) => {
      batches.push([...numbers]);
      most = Math.max(most, ++running);
      await clock.sleep(takesMs);
      running--;
      if (numbers.includes(666)) throw new Error('the batch failed');
      return numbers.map((number) => (number < 0 ? new Error(`${number} is negative`) : number * 2));
    },
    { atMost: 3, gatherMs: 10, clock, oneAtATime },
  );
  return { batcher, batches, clock, most: () => most };
}

describe('a batcher', () => {
  test('answers together what is asked within its time, and no more than fits', async () => {
    const { batcher, batches } = open();
    expect(await Promise.all([1, 2, 3, 4].map((number) => batcher.ask(number)))).toEqual([2, 4, 6, 8]);
    expect(batches).toEqual([[1, 2, 3], [4]]);
  });

  test('asks twice what is asked twice', async () => {
    const { batcher, batches } = open();
    await Promise.all([batcher.ask(1), batcher.ask(1)]);
    expect(batches).toEqual([[1, 1]]);
  });

  test('rejects one question for its own error, and all of a batch for that of the batch', async () => {
    const { batcher } = open();
    const asked = await Promise.allSettled([1, -1, 3, 666, 5].map((number) => batcher.ask(number)));
    expect(asked.map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
      'rejected',
      'rejected',
    ]);
    expect(await batcher.ask(7)).toBe(14);
  });

  test('of one batch at a time collects while a batch is answered', async () => {
    const { batcher, batches, clock, most } = open({ oneAtATime: true, takesMs: 100 });
    const first = batcher.ask(1);
    await clock.sleep(50);
    const later = [batcher.ask(2)];
    await clock.sleep(30);
    later.push(batcher.ask(3));
    await Promise.all([first, ...later]);
    expect(batches).toEqual([[1], [2, 3]]);
    expect(most()).toBe(1);
  });

  test('is idle once nothing waits for its answer, also after a failure', async () => {
    const { batcher, batches } = open({ oneAtATime: true, takesMs: 100 });
    const asked = Promise.allSettled([1, 2, 3, 666].map((number) => batcher.ask(number)));
    await batcher.idle();
    expect(batches).toHaveLength(2);
    await asked;
    await batcher.idle();
  });
});
