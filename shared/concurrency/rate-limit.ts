import type { Timer } from '../clock/clock.ts';

/** How fast a worker may send: at most its share of the plan's rate, and slower while the target asks for it. */
export interface RateLimit {
  /** Resolves when the next request may be sent. Rejects with the signal's reason. */
  wait(signal: AbortSignal): Promise<void>;
  /** The target asked to slow down, or was too busy to answer. `retryAfter`: milliseconds without any request. */
  slowDown(retryAfter: number | null): void;
  /** The target accepted a request. */
  speedUp(): void;
  /** Requests a second at present. */
  rate(): number;
}

interface RateState {
  readonly rate: number;
  readonly changedAt: number;
  readonly pausedUntil: number;
}

/** An answer tells about the rate of the last second, so fifty requests that fail together halve the rate once. */
const STEP_MS = 1_000;

/** Requests that are due within so much time are sent together, because timers are not more precise. */
const BURST_MS = 20;

/** Requests a second at the slowest. One is enough to notice that the target is back. */
const SLOWEST = 1;

/** A limit that starts at its fastest. @param fastest requests a second */
export function createRateLimit(fastest: number, clock: Timer): RateLimit {
  let state: RateState = { rate: fastest, changedAt: 0, pausedUntil: 0 };
  let next = 0;
  const now = () => clock.now().getTime();
  return {
    async wait(signal) {
      const mine = Math.max(next, now() - BURST_MS);
      next = mine + 1_000 / state.rate;
      for (;;) {
        const milliseconds = Math.max(mine, state.pausedUntil) - now();
        if (milliseconds <= 0) return signal.throwIfAborted();
        await clock.sleep(milliseconds, signal);
      }
    },
    slowDown: (retryAfter) => {
      state = slower(state, retryAfter, now());
    },
    speedUp: () => {
      state = faster(state, fastest, now());
    },
    rate: () => state.rate,
  };
}

/** Halves the rate, at most once a second, and pauses for as long as the target asked. */
export function slower(state: RateState, retryAfter: number | null, now: number): RateState {
  const pausedUntil = Math.max(state.pausedUntil, now + (retryAfter ?? 0));
  if (now - state.changedAt < STEP_MS) return { ...state, pausedUntil };
  return { rate: Math.max(SLOWEST, state.rate / 2), changedAt: now, pausedUntil };
}

/** Adds a tenth of the fastest rate, at most once a second. */
export function faster(state: RateState, fastest: number, now: number): RateState {
  if (state.rate >= fastest || now - state.changedAt < STEP_MS) return state;
  return { ...state, rate: Math.min(fastest, state.rate + fastest / 10), changedAt: now };
}
