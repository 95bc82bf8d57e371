import type { Claim, ClaimRequest, EarlierFailures, Settlement } from './ledger.ts';
import type { LedgerRecord } from './ledger-record.ts';

/** The claimant: an owner and the number of its claim. */
export interface Claimant {
  readonly owner: string;
  readonly runId: string;
  /** Counts from 1 for each owner. */
  readonly claim: number;
}

/** The key is free: its record may be taken over if it is still as it was read. */
export interface Free extends EarlierFailures {
  readonly state: 'free';
  readonly unknown: boolean;
  readonly attempts: number;
}

/**
 * Decides on a claim of a key that the ledger already knows.
 *
 * Any other owner may take over an expired lease. Its own owner may not: that owner is alive, since it is
 * asking, and may still be sending. The new owner must assume that the message was sent.
 */
export function judgeClaim(
  record: LedgerRecord,
  wanted: ClaimRequest,
  claimant: Claimant,
  now: Date,
): Claim | Free {
  // The message was delivered to a queue or topic and its consumer failed. Now the copy that this delivery
  // sent has come back.
  if (record.state === 'delivered' && wanted.replayOf === record.messageId)
    return { state: 'free', unknown: false, attempts: 0, ...NO_FAILURES };
  if (isGone(record, wanted, claimant)) return { state: 'free', unknown: false, attempts: 0, ...NO_FAILURES };
  if (record.bodyHash !== wanted.bodyHash) return { state: 'mismatch' };
  const { unknown, attempts } = record;
  const failures = earlierFailures(record, claimant.runId);
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
      return { state: 'free', unknown, attempts: attempts + 1, ...failures };
    case 'claimed': {
      const own = record.owner === claimant.owner;
      // The claim succeeded but its response was lost, so the SDK retried.
      if (own && record.claim === claimant.claim) return { state: 'claimed', unknown, attempts, ...failures };
      const until = new Date(record.leaseUntil);
      if (own || until > now) return { state: 'busy', until };
      return { state: 'free', unknown: true, attempts: attempts + 1, ...failures };
    }
  }
}

/** The lease was set when the message was claimed, so its end is later than the delivery. */
function isGone(
  { state, owner, leaseUntil }: LedgerRecord,
  { goneBefore = null }: ClaimRequest,
  { runId }: Claimant,
): boolean {
  if (goneBefore === null || state !== 'delivered' || owner.startsWith(`${runId}/`)) return false;
  return leaseUntil < goneBefore.getTime();
}

export const NO_FAILURES: EarlierFailures = { failedBefore: false, failedRuns: 0 };

function earlierFailures(record: LedgerRecord, runId: string): EarlierFailures {
  const { failedRun, failedBefore, failedRunsBefore, acceptedOthers } = record;
  if (failedRun === undefined) return NO_FAILURES;
  if (failedRun === runId) return { failedBefore, failedRuns: failedRunsBefore };
  return { failedBefore: true, failedRuns: failedRunsBefore + Number(acceptedOthers) };
}

/**
 * Decides on a settlement whose owner does not hold the claim.
 *
 * `recorded`: this settlement is already in the ledger, and only the response was lost.
 * `overrule`: a delivery is a fact, no matter who holds the lease now.
 * `lost`: the current holder finds out for itself. It already knows that the message may have been sent.
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
