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
  #everyStateMs = 0;

  next(hold: Hold): void {
    this.#holds.push(hold);
  }

  everyState(ms: number): void {
    this.#everyStateMs = ms;
  }

  async hold({ arn, status }: EnteredState, signal: AbortSignal): Promise<void> {
    const index = this.#holds.findIndex(
      (hold) => hold.status === status && (arn === hold.of || arn.endsWith(`:${hold.of}`)),
    );
    const [hold] = index < 0 ? [] : this.#holds.splice(index, 1);
    await sleep(hold?.forMs ?? this.#everyStateMs, undefined, { signal });
    if (hold?.failure !== undefined) throw new Error(hold.failure);
  }
}
