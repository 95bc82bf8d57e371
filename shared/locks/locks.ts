import { LifeboatError } from '../errors/lifeboat-error.ts';

/**
 * Locks that end by themselves. One owner at a time holds a lock, until it releases it or its time runs out.
 *
 * An owner is a run: its retried or resumed steps are the same owner. Each process decides by its own clock whether a lock
 * has run out. An owner must stop what the lock protects before the end that it was given.
 *
 * Errors of the store are thrown as they are. A take that failed so may have taken the lock: take it again.
 */
export interface Locks {
  /**
   * Takes a lock that is free or has run out. Taken again by its owner, the lock is held for `leaseMs` from now.
   *
   * A lock counts as run out only `CLOCK_TOLERANCE_MS` after its end, because the owner's clock may be behind. A lock that is
   * reserved for another owner is refused.
   *
   * @param note what the owner tells the next one that asks for the lock
   * @throws LockUnreadable
   */
  take(name: string, owner: string, leaseMs: number, note?: string): Promise<Taken>;
  /**
   * Makes a lock end `leaseMs` from now. Only its owner can, and only before it ran out: after that another process may
   * have seen the lock free. A lock that is reserved for another owner is refused.
   *
   * @throws LockUnreadable
   */
  extend(name: string, owner: string, leaseMs: number): Promise<Taken>;
  /**
   * Frees a lock. Changes nothing where another owner holds it. Where no owner does, the lock is free already, for example
   * by an earlier release. A reservation stays.
   *
   * @throws LockUnreadable
   */
  release(name: string, owner: string): Promise<Released>;
  /**
   * Tells who holds a lock now.
   *
   * @returns null where the lock is free or has run out
   * @throws LockUnreadable
   */
  holder(name: string): Promise<Holder | null>;
  /**
   * Reserves a lock for its next owner. From now on nobody else can take or extend it. Its present owner keeps what it was
   * granted, and not a moment more. A reservation has no end: only `unreserve` removes it. Reserved again for the same owner,
   * nothing changes.
   *
   * An error of the store may have left a reservation: reserve again.
   *
   * @returns the last owner, also where its time has run out; or for whom the lock is reserved already
   * @throws LockUnreadable
   */
  reserve(name: string, owner: string): Promise<Reserved>;
  /** Removes a reservation. Changes nothing where the lock is reserved for another owner. @throws LockUnreadable */
  unreserve(name: string, owner: string): Promise<void>;
}

/** The caller holds the lock until then; or another owner does, or none (of `extend`, or of a reserved lock). */
export type Taken =
  | { readonly held: true; readonly until: Date }
  | {
      readonly held: false;
      readonly holder: Holder | null;
      /** Present where the lock is reserved for another owner. */
      readonly reservedFor?: string;
    };

export type Reserved =
  | { readonly reserved: true; readonly last: Holder | null }
  | { readonly reserved: false; readonly reservedFor: string };

export type Released =
  | { readonly released: true }
  | { readonly released: false; readonly holder: Holder | null };

export interface Holder {
  readonly owner: string;
  readonly until: Date;
  /** What the owner said of itself when it took the lock. */
  readonly note?: string;
}

/** How far the clocks of two processes may differ. Clocks of AWS differ by milliseconds. */
export const CLOCK_TOLERANCE_MS = 2_000;

/** A lock does not say who holds it until when: whether it is held cannot be known. */
export class LockUnreadable extends LifeboatError {
  override readonly name = 'LockUnreadable';
  override readonly kind = 'damaged';
}
