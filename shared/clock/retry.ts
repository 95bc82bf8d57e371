import type { Timer } from './clock.ts';

/** How long to wait between attempts. */
export interface Backoff {
  /** Milliseconds after the first attempt. They double with each further one. */
  readonly firstMs: number;
  readonly longestMs: number;
  /** The part of each wait that is random, from 0 to 1. Calls that failed together are then not repeated together. */
  readonly randomPart: number;
}

/**
 * Milliseconds to wait after a failed attempt.
 *
 * @param attempt counted from 1
 * @param random from 0 to 1
 */
export function backoffMs(
  { firstMs, longestMs, randomPart }: Backoff,
  attempt: number,
  random: number,
): number {
  const longest = Math.min(longestMs, firstMs * 2 ** (attempt - 1));
  return longest * (1 - randomPart + randomPart * random);
}

export interface Attempts {
  /** Attempts at most, the first one included. */
  readonly atMost: number;
  readonly backoff: Backoff;
  readonly clock: Timer;
  readonly random?: () => number;
}

/**
 * Counts attempts from 1 and waits before each further one. The caller leaves the loop when it has succeeded, and decides
 * after the loop what a failure of all attempts means. The library p-retry repeats a whole call and sleeps by its own timers;
 * here a batch repeats the part that failed, and tests own the clock.
 *
 * @param signal ends the loop, also in the middle of a wait, but not before the first attempt
 */
export async function* attempts(
  { atMost, backoff, clock, random = Math.random }: Attempts,
  signal?: AbortSignal,
): AsyncGenerator<number, void> {
  for (let attempt = 1; attempt <= atMost; attempt++) {
    yield attempt;
    if (attempt === atMost || signal?.aborted) return;
    try {
      await clock.sleep(backoffMs(backoff, attempt, random()), signal);
    } catch (error) {
      if (!signal?.aborted) throw error;
      return;
    }
  }
}
