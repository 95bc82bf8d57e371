import { setTimeout as sleep } from 'node:timers/promises';

/** The wall clock as a port, so that tests own time. */
export interface Clock {
  now(): Date;
}

/** A clock that one can also wait by. */
export interface Timer extends Clock {
  /** Resolves after so many milliseconds. Rejects with the signal's reason when that fires first. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

/** The machine's own clock. */
export const systemClock: Timer = {
  now: () => new Date(),
  async sleep(milliseconds, signal) {
    signal?.throwIfAborted();
    try {
      await sleep(milliseconds, undefined, signal ? { signal } : {});
    } catch (error) {
      signal?.throwIfAborted(); // its reason, where Node throws an AbortError of its own
      throw error;
    }
  },
};
