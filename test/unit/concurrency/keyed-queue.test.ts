import { describe, expect, test } from 'vitest';
import { createKeyedQueue } from '../../../shared/concurrency/keyed-queue.ts';

describe('lanes', () => {
  test('keep the order in a lane and let others pass', async () => {
    const lanes = createKeyedQueue();
    const done: string[] = [];
    let release = () => {};
    const blocked = new Promise<void>((resolve) => {
      release = resolve;
    });
    const first = lanes.run('a', async () => {
      await blocked;
      done.push('a1');
    });
    const second = lanes.run('a', async () => void done.push('a2'));
    await lanes.run('b', async () => void done.push('b1'));
    await lanes.run(null, async () => void done.push('none'));
    expect(done).toEqual(['b1', 'none']);
    release();
    await Promise.all([first, second]);
    expect(done).toEqual(['b1', 'none', 'a1', 'a2']);
  });

  test('go on after a failure, which is its own', async () => {
    const lanes = createKeyedQueue();
    const first = lanes.run('a', async () => {
      throw new Error('broken');
    });
    await expect(lanes.run('a', async () => 'well')).resolves.toBe('well');
    await expect(first).rejects.toThrow('broken');
  });
});
