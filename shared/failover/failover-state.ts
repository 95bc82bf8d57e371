import { LifeboatError } from '../errors/lifeboat-error.ts';
import type { SwitchedOff } from './assess.ts';
import type { Sighting } from './sighting.ts';

/** What is kept of the primary Region in the standby, and nowhere else. */
export interface FailoverState {
  /** All that is kept. @throws FailoverStateUnreadable */
  sightings(): Promise<Sighting[]>;
  /**
   * Adds what was seen, and forgets what is no longer needed (see `remember`). Of two at the same time neither loses what the other
   * saw.
   *
   * @returns all that is kept now
   * @throws FailoverStateUnreadable, FailoverStateContended
   */
  addSightings(
    seen: readonly Sighting[],
    subjects: Readonly<Record<string, string>>,
    now: Date,
  ): Promise<Sighting[]>;
  /** Who switched the automatic failover off; null while it is on. @throws FailoverStateUnreadable */
  switchedOff(): Promise<SwitchedOff | null>;
}

/** What is kept is not in the form that this version writes. */
export class FailoverStateUnreadable extends LifeboatError {
  override readonly name = 'FailoverStateUnreadable';
  override readonly kind = 'damaged';
}

/** Others wrote at the same time, again and again. */
export class FailoverStateContended extends LifeboatError {
  override readonly name = 'FailoverStateContended';
  override readonly kind = 'conflict';
  override readonly retryable = true;
}
