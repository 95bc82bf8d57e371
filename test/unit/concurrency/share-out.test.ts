import { describe, expect, test } from 'vitest';
import { shareOut } from '../../../shared/concurrency/share-out.ts';

const never = new AbortController().signal;

describe('shareOut', () => {
  test('does each task once, in order, and gives no worker two tasks at a time', async () => {
    const busy = new Set<string>();
    const done: number[] = [];
    let most = 0;
    await shareOut(
      ['a', 'b', 'c'],
      Array.from({ length: 20 }, (_, n) => n),
      never,
      async (worker, task) => {
        expect(busy).not.toContain(worker);
        busy.add(worker);
        most = Math.max(most, busy.size);
        done.push(task);
        await new Promise(setImmediate);
        busy.delete(worker);
      },
    );
    expect(done).toEqual(Array.from({ length: 20 }, (_, n) => n));
    expect(most).toBe(3);
  });

  test('does nothing where there is nothing to do', async () => {
    await shareOut(['a'], [], never, () => Promise.reject(new Error('no task')));
  });

  test('throws the first failure at once, and starts no task after it', async () => {
    const started: number[] = [];
    const { promise: stuck, resolve: goOn } = Promise.withResolvers<void>();
    const shared = shareOut(['a', 'b'], [0, 1, 2, 3, 4], never, async (_, task) => {
      started.push(task);
      if (task === 0) await stuck;
      if (task === 2) throw new RangeError('task 2');
    });
    await expect(shared).rejects.toThrow('task 2');
    goOn();
    await new Promise(setImmediate);
    expect(started).toEqual([0, 1, 2]);
  });

  test('throws the reason of the signal, and starts no task after it fired', async () => {
    const deadline = new AbortController();
    const started: number[] = [];
    const shared = shareOut(['a'], [0, 1, 2], deadline.signal, async (_, task) => {
      started.push(task);
      if (task === 1) deadline.abort(new RangeError('out of time'));
    });
    await expect(shared).rejects.toThrow('out of time');
    expect(started).toEqual([0, 1]);
  });
});
