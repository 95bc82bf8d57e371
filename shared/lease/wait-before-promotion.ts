import { CLOCK_TOLERANCE_MS } from '../locks/locks.ts';

/** What the lease of a database was granted for, and what may still happen after its end. */
export interface LeaseTimes {
  /** How long each renewal lets the database write. The longest that any renewal may have asked for. */
  readonly validMs: number;
  /**
   * How long a transaction may take that no check stops: the commit itself once it was checked, a transaction that made its
   * constraints immediate, and a prepared one.
   */
  readonly longestTransactionMs: number;
}

/**
 * The moment from which a failover may promote: the old primary accepts no write any more, whether or not it can be reached.
 *
 * A renewal reads the database's clock, then asks the standby Region, then writes the end by that clock: what it read, plus
 * `validMs`, less the tolerance. So a lease ends at most `validMs` after the last grant, whatever any clock shows: only how
 * fast clocks run matters, and the tolerance pays for that. From `noGrantSince` on this Region granted nothing, so the wait
 * begins there: when the lease was reserved, or at an earlier look that found the same grant.
 *
 * Clocks of two machines are never compared. https://martin.kleppmann.com/2016/02/08/how-to-do-distributed-locking.html
 *
 * What it does not cover: a database server that is stopped as a whole between the check of a commit and the commit, for
 * longer than `longestTransactionMs`; and one whose clock is set back by more than twice the tolerance after the last renewal, by
 * less than a quarter of an hour.
 *
 * @param noGrantSince by the clock of the one that waits
 */
export function mayPromoteAt(noGrantSince: Date, { validMs, longestTransactionMs }: LeaseTimes): Date {
  return new Date(noGrantSince.getTime() + validMs + CLOCK_TOLERANCE_MS + longestTransactionMs);
}

/**
 * How long a database may write, by its own clock, after a grant that was asked for when its clock showed `askedAt`.
 *
 * @returns null where nothing is left: such a lease would only refuse
 */
export function writableUntil(askedAt: Date, validMs: number): Date | null {
  const left = validMs - CLOCK_TOLERANCE_MS;
  return left > 0 ? new Date(askedAt.getTime() + left) : null;
}
