import type { Claim, ClaimRequest, Settlement } from './ledger.ts';
import type { LedgerRecord } from './ledger-record.ts';

/** Who claims: an owner, in one of its claims. */
export interface Claimant {
  readonly owner: string;
  /** Counted from 1, in each owner. */
  readonly claim: number;
}

/** The key is free: its record may be taken over, as it was read. */
export interface Free {
  readonly state: 'free';
  readonly unknown: boolean;
  readonly attempts: number;
}

/**
 * Decides on a key that the ledger knows already.
 *
 * A lease that ran out is free to everybody but its own owner: the owner lives, for it is asking, and may be sending. Whoever
 * takes over must assume that the message was sent.
 */
export function judgeClaim(
  record: LedgerRecord,
  wanted: ClaimRequest,
  claimant: Claimant,
  now: Date,
): Claim | Free {
  // Delivered to a queue or topic, where its consumer failed: the very replay of that delivery has come back.
  if (record.state === 'delivered' && wanted.replayOf === record.messageId)
    return { state: 'free', unknown: false, attempts: 0 };
  if (record.bodyHash !== wanted.bodyHash) return { state: 'mismatch' };
  const { unknown, attempts } = record;
  switch (record.state) {
    case 'delivered':
    case 'quarantined':
      return {
        state: 'done',
        as: record.state,
        by: { owner: record.owner, number: record.batch },
        sameMessage: record.messageId === wanted.messageId,
      };
    case 'open':
    case 'unknown':
      return { state: 'free', unknown, attempts: attempts + 1 };
    case 'claimed': {
      const own = record.owner === claimant.owner;
      // The claim was made, and its answer was lost: the SDK asked again.
      if (own && record.claim === claimant.claim) return { state: 'claimed', unknown, attempts };
      const until = new Date(record.leaseUntil);
      if (own || until > now) return { state: 'busy', until };
      return { state: 'free', unknown: true, attempts: attempts + 1 };
    }
  }
}

/**
 * Decides on a settlement whose owner does not hold the claim. `recorded`: this very settlement was recorded, and its answer
 * was lost. `overrule`: a delivery is a fact, whoever holds the lease now. `lost`: whoever holds it now finds out for
 * itself, and knows already that the message may have been sent.
 */
export function judgeSettlement(
  record: LedgerRecord,
  settlement: Settlement,
  owner: string,
): 'recorded' | 'overrule' | 'lost' {
  const same =
    record.owner === owner && record.state === settlement.as && record.messageId === settlement.messageId;
  if (same && (!('batch' in record) || record.batch === settlement.batch)) return 'recorded';
  const isNews = settlement.as === 'delivered' && settlement.from === undefined;
  return isNews && record.state !== 'delivered' ? 'overrule' : 'lost';
}
