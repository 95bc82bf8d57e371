import type { LeaseFence } from '../database/lease-fence.ts';
import type { Locks } from '../locks/locks.ts';
import { type LeaseNote, writeNote } from './lease-note.ts';
import { writableUntil } from './wait-before-promotion.ts';

/** How one renewal ended. */
export type Renewal =
  | { readonly outcome: 'renewed'; readonly until: Date }
  /** A failover reserved the lease, or holds it: nothing was extended, and nothing will be. */
  | { readonly outcome: 'taken'; readonly by: string }
  /** The database has no fence, or a fence that was ended or lifted. The grant is not used. */
  | { readonly outcome: 'no fence' };

export interface LeaseToRenew {
  /** Of the lock in the standby Region. */
  readonly name: string;
  /** Who writes: the primary Region. */
  readonly owner: string;
  readonly note: LeaseNote;
}

/**
 * Makes one renewal: first in the standby Region, which alone decides, then in the database. The order is what the fence
 * rests on. A renewal that is interrupted anywhere, or goes on late, has written an end that was granted.
 *
 * @throws what the locks or the database threw: then nothing is known but that the database has no later end than was granted
 */
export function createRenewLease(locks: Pick<Locks, 'take'>, fence: Pick<LeaseFence, 'now' | 'renew'>) {
  return async ({ name, owner, note }: LeaseToRenew): Promise<Renewal> => {
    // Before the grant, so that however long it takes, the database ends no later than the lease.
    const askedAt = await fence.now();
    const taken = await locks.take(name, owner, note.validMs, writeNote(note));
    if (!taken.held)
      return { outcome: 'taken', by: taken.reservedFor ?? taken.holder?.owner ?? 'an unknown owner' };
    const until = writableUntil(askedAt, note.validMs);
    if (until === null || !(await fence.renew(until))) return { outcome: 'no fence' };
    return { outcome: 'renewed', until };
  };
}
