import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../shared/clock/clock.ts';
import { attempts, type Backoff, backoffMs } from '../../../shared/clock/retry.ts';
import { steppedClock } from '../replay/stepped-clock.ts';

const backoff: Backoff = { firstMs: 50, longestMs: 1_000, randomPart: 1 };

describe('the wait after an attempt', () => {
  it('doubles up to the longest', () => {
    expect([1, 2, 3, 4, 5, 6].map((attempt) => backoffMs(backoff, attempt, 1))).toEqual([
      50, 100, 200, 400, 800, 1_000,
    ]);
  });

  it('is random in the part that may be', () => {
    expect(backoffMs(backoff, 1, 0)).toBe(0);
    expect(backoffMs({ ...backoff, randomPart: 0.5 }, 1, 0)).toBe(25);
    expect(backoffMs({ ...backoff, randomPart: 0 }, 1, 0.3)).toBe(50);
  });
});

describe('attempts', () => {
  it('are counted, with a wait before each but the first', async () => {
    const clock = steppedClock();
    const counted = await Array.fromAsync(attempts({ atMost: 4, backoff, clock, random: () => 1 }));
    expect(counted).toEqual([1, 2, 3, 4]);
    expect(clock.slept).toEqual([50, 100, 200]);
  });

  it('end with the loop, without a wait', async () => {
    const clock = steppedClock();
    for await (const attempt of attempts({ atMost: 4, backoff, clock })) if (attempt === 2) break;
    expect(clock.slept).toHaveLength(1);
  });

  it('end with the signal in the middle of a wait', async () => {
    const ending = new AbortController();
    const counted: number[] = [];
    const slow = { firstMs: 60_000, longestMs: 60_000, randomPart: 0 };
    setTimeout(() => ending.abort(), 5);
    for await (const attempt of attempts({ atMost: 4, backoff: slow, clock: systemClock }, ending.signal))
      counted.push(attempt);
    expect(counted).toEqual([1]);
  });

  it('have a first one even where the signal has fired', async () => {
    const clock = steppedClock();
    expect(await Array.fromAsync(attempts({ atMost: 4, backoff, clock }, AbortSignal.abort()))).toEqual([1]);
  });

  it('end with an error of the clock that is not the signal', async () => {
    const clock = { now: () => new Date(), sleep: async () => Promise.reject(new RangeError('no time')) };
    await expect(Array.fromAsync(attempts({ atMost: 2, backoff, clock }))).rejects.toThrow('no time');
  });
});
