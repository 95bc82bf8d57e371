import { LifeboatError } from '../errors/lifeboat-error.ts';

/**
 * The ledger: one record for each key, so that a message takes effect once. A claim is a lease, and its
 * holder may send. When the lease expires, another worker may take the key over, because the holder may be
 * dead.
 *
 * The keys of one call must be different. Results are in the order of the keys.
 */
export interface Ledger {
  /** Claims keys for this ledger's owner. @throws LedgerUnavailable, LedgerDamaged, after which nothing may be sent */
  claim(wanted: readonly ClaimRequest[], leaseUntil: Date): Promise<Claim[]>;
  /** Extends leases. @returns false for each lost lease: another worker may send */
  extend(keys: readonly string[], leaseUntil: Date): Promise<boolean[]>;
  /**
   * Records the outcomes of claimed keys. Repeating a settlement changes nothing. If another worker now holds
   * the lease, only `delivered` is recorded, because that is a fact.
   *
   * @returns the keys whose record differs, because another worker settled or holds them
   * @throws LedgerUnavailable, LedgerDamaged, after which nothing may be deleted
   */
  settle(settlements: readonly Settlement[]): Promise<string[]>;
}

export interface ClaimRequest {
  readonly key: string;
  /** sha256 of the body, in hex. A key belongs to one body. */
  readonly bodyHash: string;
  /** SQS's id of the message that now carries the key. */
  readonly messageId: string;
  /** SQS's id of the original dead letter, if a replay sent this message to a queue and it failed again. */
  readonly replayOf?: string | null;
  /** What other runs delivered before this time is gone, so the key is free again. */
  readonly goneBefore?: Date | null;
}

export type Claim =
  /**
   * The owner may send. `unknown`: an earlier attempt may have reached the target. `attempts`: the number of
   * earlier claims that ended unsettled.
   */
  | ({
      readonly state: 'claimed';
      readonly unknown: boolean;
      readonly attempts: number;
    } & EarlierFailures)
  /** Already settled. `by` names the batch that recorded it, and whether it was this very message. */
  | {
      readonly state: 'done';
      readonly as: 'delivered' | 'quarantined';
      readonly by: Batch;
      readonly sameMessage: boolean;
    }
  /** Another worker holds the lease. */
  | { readonly state: 'busy'; readonly until: Date }
  /** The key was first recorded with another body. */
  | { readonly state: 'mismatch' };

/** What earlier runs found of a message that the target failed. The run that asks is not one of them. */
export interface EarlierFailures {
  /** The target failed it in an earlier run. */
  readonly failedBefore: boolean;
  /** Earlier runs in which the target failed it although it accepted others. */
  readonly failedRuns: number;
}

/** A batch of one worker. It reconciles ledger and account when a worker dies between the two. */
export interface Batch {
  readonly owner: string;
  /** Counted from 1, in each owner. */
  readonly number: number;
}

export interface Settlement {
  readonly key: string;
  readonly messageId: string;
  /**
   * `delivered` and `quarantined` are final.
   * `open`: nothing was sent, or the target refused it. The key can be claimed again.
   * `unknown`: sent, but no response came. The key can be claimed again, as unknown.
   */
  readonly as: 'delivered' | 'quarantined' | 'open' | 'unknown';
  readonly batch: number;
  /**
   * This batch recorded the key without claiming it now: its worker died before counting it. The record moves
   * to this owner.
   */
  readonly from?: Batch | undefined;
  /** The target failed the message in this run. */
  readonly failure?: Failure | undefined;
}

/** What the claim had of earlier runs goes with it. */
export interface Failure extends EarlierFailures {
  /** The target accepted other messages in this run. */
  readonly acceptsOthers: boolean;
}

/** The ledger did not respond, or throttled until the retries ran out. */
export class LedgerUnavailable extends LifeboatError {
  override readonly name = 'LedgerUnavailable';
  override readonly kind = 'unavailable';
  override readonly retryable = true;
  override readonly hint = "Look for throttling of the ledger's table in CloudWatch, then run it again.";
}

/** A record cannot be parsed, so it is unknown whether its message took effect. */
export class LedgerDamaged extends LifeboatError {
  override readonly name = 'LedgerDamaged';
  override readonly kind = 'damaged';
}

/** Checks that the keys of one call are different. @throws an error that names the first repeated key */
export function refuseRepeated(keys: readonly string[]): void {
  const known = new Set<string>();
  const repeated = keys.find((key) => known.size === known.add(key).size);
  if (repeated !== undefined)
    throw new Error(
      `the key "${repeated}" is in one batch twice: its messages must come one after the other`,
    );
}
