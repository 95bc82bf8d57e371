import type { Timer } from '../clock/clock.ts';

/** How fast a worker may send: at most its share of the plan's rate, slower while the target asks for it. */
export interface Pace {
  /** Resolves when the next request may go. Rejects with the signal's reason. */
  turn(signal: AbortSignal): Promise<void>;
  /** The target asked to slow down, or was too busy to answer. `retryAfter`: milliseconds in which it wants nothing. */
  slower(retryAfter: number | null): void;
  /** The target accepted. */
  faster(): void;
  /** Requests a second at present. */
  rate(): number;
}

interface PaceState {
  readonly rate: number;
  readonly changedAt: number;
  readonly pausedUntil: number;
}

/** One answer speaks of the rate of the last second: fifty that fail together halve it once. */
const STEP_MS = 1_000;

/** Requests that waited together go together, within so much time: a timer is no finer. */
const BURST_MS = 20;

/** Never slower than this: one request a second finds out that the target is back. */
const SLOWEST = 1;

/** Starts at the fastest. @param fastest requests a second */
export function createRateLimit(fastest: number, clock: Timer): Pace {
  let state: PaceState = { rate: fastest, changedAt: 0, pausedUntil: 0 };
  let next = 0;
  const now = () => clock.now().getTime();
  return {
    async turn(signal) {
      const mine = Math.max(next, now() - BURST_MS);
      next = mine + 1_000 / state.rate;
      for (;;) {
        const wait = Math.max(mine, state.pausedUntil) - now();
        if (wait <= 0) return signal.throwIfAborted();
        await clock.sleep(wait, signal);
      }
    },
    slower: (retryAfter) => {
      state = slowDown(state, retryAfter, now());
    },
    faster: () => {
      state = speedUp(state, fastest, now());
    },
    rate: () => state.rate,
  };
}

/** Halves the rate, at most once a second, and pauses for as long as the target asked. */
export function slowDown(state: PaceState, retryAfter: number | null, now: number): PaceState {
  const pausedUntil = Math.max(state.pausedUntil, now + (retryAfter ?? 0));
  if (now - state.changedAt < STEP_MS) return { ...state, pausedUntil };
  return { rate: Math.max(SLOWEST, state.rate / 2), changedAt: now, pausedUntil };
}

/** A tenth of the fastest more, at most once a second. */
export function speedUp(state: PaceState, fastest: number, now: number): PaceState {
  if (state.rate >= fastest || now - state.changedAt < STEP_MS) return state;
  return { ...state, rate: Math.min(fastest, state.rate + fastest / 10), changedAt: now };
}
