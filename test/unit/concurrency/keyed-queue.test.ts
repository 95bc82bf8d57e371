import { describe, expect, test } from 'vitest';
import { createKeyedQueue } from '../../../shared/concurrency/keyed-queue.ts';

describe('a keyed queue', () => {
  test('keeps the order of a key and lets other keys pass', async () => {
    const queue = createKeyedQueue();
    const done: string[] = [];
    let release = () => {};
    const blocked = new Promise<void>((resolve) => {
      release = resolve;
    });
    const first = queue.run('a', async () => {
      await blocked;
      done.push('a1');
    });
    const second = queue.run('a', async () => void done.push('a2'));
    await queue.run('b', async () => void done.push('b1'));
    await queue.run(null, async () => void done.push('none'));
    expect(done).toEqual(['b1', 'none']);
    release();
    await Promise.all([first, second]);
    expect(done).toEqual(['b1', 'none', 'a1', 'a2']);
  });

  test('goes on after a failure, which only rejects its own work', async () => {
    const queue = createKeyedQueue();
    const first = queue.run('a', async () => {
      throw new Error('broken');
    });
    await expect(queue.run('a', async () => 'done')).resolves.toBe('done');
    await expect(first).rejects.toThrow('broken');
  });
});
