import { setTimeout as sleep } from 'node:timers/promises';
import type { EnteredState, Pace } from '../api/pace.ts';

/** What is to happen once to the next thing that enters a state. */
export interface Hold {
  /** An ARN, or the last part of one: the name of an instance or a snapshot. */
  readonly of: string;
  readonly status: string;
  readonly forMs: number;
  /** Fails with this reason after it was held. */
  readonly failure?: string | undefined;
}

/** Slows states down: all of them, or the next one of one thing. */
export class Pacing implements Pace {
  readonly #holds: Hold[] = [];
  readonly #held = new Map<Hold, () => void>();
  #everyStateMs = 0;

  next(hold: Hold): void {
    this.#holds.push(hold);
  }

  /** Lets what is held under that name, and what would be, go on at once. A failure that goes with a hold still comes. */
  release(of: string): void {
    for (const [hold, end] of this.#held) if (hold.of === of) end();
    this.#holds.splice(0, Infinity, ...this.#holds.filter((hold) => hold.of !== of));
  }

  everyState(ms: number): void {
    this.#everyStateMs = ms;
  }

  async hold({ arn, status }: EnteredState, signal: AbortSignal): Promise<void> {
    const index = this.#holds.findIndex(
      (hold) => hold.status === status && (arn === hold.of || arn.endsWith(`:${hold.of}`)),
    );
    const [hold] = index < 0 ? [] : this.#holds.splice(index, 1);
    if (!hold) {
      await sleep(this.#everyStateMs, undefined, { signal });
      return;
    }
    const released = new AbortController();
    this.#held.set(hold, () => released.abort());
    try {
      await sleep(hold.forMs, undefined, { signal: AbortSignal.any([signal, released.signal]) });
    } catch (error) {
      if (signal.aborted) throw error;
    } finally {
      this.#held.delete(hold);
    }
    if (hold.failure !== undefined) throw new Error(hold.failure);
  }
}
