import { describe, expect, test } from 'vitest';
import { createRateLimit, faster, slower } from '../../../shared/concurrency/rate-limit.ts';
import { virtualTimer } from '../replay/virtual-timer.ts';

const never = new AbortController().signal;

describe('the rate limit of a worker', () => {
  test('spaces requests by its rate, however many ask at once', async () => {
    const timer = virtualTimer();
    const rateLimit = createRateLimit(100, timer);
    const begun = timer.now().getTime();
    const at: number[] = [];
    await Promise.all(
      Array.from({ length: 50 }, async () => {
        await rateLimit.wait(never);
        at.push(timer.now().getTime() - begun);
      }),
    );
    expect(at.at(-1)).toBeGreaterThanOrEqual(450);
    expect(at.at(-1)).toBeLessThanOrEqual(500);
    for (let first = 0; first + 10 < at.length; first++)
      expect((at[first + 10] ?? 0) - (at[first] ?? 0)).toBeGreaterThanOrEqual(70);
  });

  test('saves nothing up while nobody asks', async () => {
    const timer = virtualTimer();
    const rateLimit = createRateLimit(10, timer);
    await rateLimit.wait(never);
    await timer.sleep(60_000);
    const begun = timer.now().getTime();
    for (let request = 0; request < 5; request++) await rateLimit.wait(never);
    expect(timer.now().getTime() - begun).toBeGreaterThanOrEqual(380);
  });

  test('sends nothing while the target asked for a pause', async () => {
    const timer = virtualTimer();
    const rateLimit = createRateLimit(1_000, timer);
    await rateLimit.wait(never);
    rateLimit.slowDown(5_000);
    const begun = timer.now().getTime();
    await rateLimit.wait(never);
    expect(timer.now().getTime() - begun).toBeGreaterThanOrEqual(5_000);
  });

  test('a pause that is asked for meanwhile holds who waits already', async () => {
    const timer = virtualTimer();
    const rateLimit = createRateLimit(10, timer);
    await rateLimit.wait(never);
    const begun = timer.now().getTime();
    const waiting = rateLimit.wait(never);
    rateLimit.slowDown(2_000);
    await waiting;
    expect(timer.now().getTime() - begun).toBeGreaterThanOrEqual(2_000);
  });

  test('gives up waiting when the signal fires', async () => {
    const rateLimit = createRateLimit(1, virtualTimer());
    await expect(rateLimit.wait(AbortSignal.abort(new Error('over')))).rejects.toThrow('over');
  });
});

describe('the rate', () => {
  const fast = { rate: 100, changedAt: 0, pausedUntil: 0 };

  test('halves once for failures of the same second', () => {
    const once = slower(fast, null, 5_000);
    expect(once.rate).toBe(50);
    expect(slower(once, null, 5_999).rate).toBe(50);
    expect(slower(once, null, 6_000).rate).toBe(25);
  });

  test('never falls below one request a second', () => {
    let state = fast;
    for (let second = 1; second < 60; second++) state = { ...state, ...slower(state, null, second * 1_000) };
    expect(state.rate).toBe(1);
  });

  test('comes back by tenths of the fastest, a step a second, and no further', () => {
    let state = { rate: 50, changedAt: 10_000, pausedUntil: 0 };
    expect(faster(state, 100, 10_500).rate).toBe(50);
    const rates: number[] = [];
    for (let second = 11; second < 18; second++) {
      state = { ...state, ...faster(state, 100, second * 1_000) };
      rates.push(state.rate);
    }
    expect(rates).toEqual([60, 70, 80, 90, 100, 100, 100]);
  });

  test('the longer of two pauses holds', () => {
    const paused = slower(fast, 10_000, 1_000);
    expect(slower(paused, 100, 1_500).pausedUntil).toBe(11_000);
  });
});
