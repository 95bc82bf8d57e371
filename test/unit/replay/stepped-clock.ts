import type { Timer } from '../../../shared/clock/clock.ts';

/** A clock that a test moves. A sleep moves it too, and returns at once. */
export interface SteppedClock extends Timer {
  pass(milliseconds: number): void;
  /** How long each sleep was. */
  readonly slept: number[];
}

export function steppedClock(start = '2026-10-05T02:00:00Z'): SteppedClock {
  let now = Date.parse(start);
  const slept: number[] = [];
  return {
    now: () => new Date(now),
    async sleep(milliseconds, signal) {
      signal?.throwIfAborted();
      now += milliseconds;
      slept.push(milliseconds);
    },
    pass(milliseconds) {
      now += milliseconds;
    },
    slept,
  };
}
