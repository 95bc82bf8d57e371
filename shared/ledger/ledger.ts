import { LifeboatError } from '../errors/lifeboat-error.ts';

/**
 * The ledger: one record for each key, so that a message takes effect once. A claim is a lease, and its holder may send. When
 * the lease expires, another worker may take the key over, because the holder may be dead.
 *
 * The keys of one call must be different. Answers are in the order of what was asked.
 */
export interface Ledger {
  /** Claims keys for this ledger's owner. @throws LedgerUnavailable, LedgerDamaged, after which nothing may be sent */
  claim(wanted: readonly ClaimRequest[], leaseUntil: Date): Promise<Claim[]>;
  /** Extends leases. @returns false where the owner has lost the lease: another worker may send */
  extend(keys: readonly string[], leaseUntil: Date): Promise<boolean[]>;
  /**
   * Records what became of claimed keys. The same settlement made again changes nothing. If another worker holds the lease by
   * now, only `delivered` is recorded, because that is a fact.
   *
   * @returns the keys that the ledger has otherwise, because another worker settled or holds them
   * @throws LedgerUnavailable, LedgerDamaged, after which nothing may be deleted
   */
  settle(settlements: readonly Settlement[]): Promise<string[]>;
}

export interface ClaimRequest {
  readonly key: string;
  /** sha256 of the body, in hex: a key stands for one body. */
  readonly bodyHash: string;
  /** SQS's id of the message that carries the key now. */
  readonly messageId: string;
  /** SQS's id of the dead letter that it replays, where it was put on a queue by a replay and failed again. */
  readonly replayOf?: string | null;
}

export type Claim =
  /** The owner may send. `unknown`: an earlier attempt may have reached the target. `attempts`: earlier claims that ended without an answer that settles it. */
  | { readonly state: 'claimed'; readonly unknown: boolean; readonly attempts: number }
  /** Done before. `by` tells the batch that recorded it, and whether it was this very message. */
  | {
      readonly state: 'done';
      readonly as: 'delivered' | 'quarantined';
      readonly by: Batch;
      readonly sameMessage: boolean;
    }
  /** Another worker holds the lease. */
  | { readonly state: 'busy'; readonly until: Date }
  /** The key was first seen with another body. */
  | { readonly state: 'mismatch' };

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
   * `delivered` and `quarantined` are final. `open`: nothing was sent, or the target said no: free to be claimed.
   * `unknown`: sent, and no answer: free to be claimed, as unknown.
   */
  readonly as: 'delivered' | 'quarantined' | 'open' | 'unknown';
  readonly batch: number;
  /** Not claimed, but recorded already by this batch, whose worker died before it counted it: the record becomes this owner's. */
  readonly from?: Batch | undefined;
}

/** The ledger did not answer, or asked to slow down until the attempts ran out. */
export class LedgerUnavailable extends LifeboatError {
  override readonly name = 'LedgerUnavailable';
  override readonly kind = 'unavailable';
  override readonly retryable = true;
  override readonly hint = "Look for throttling of the ledger's table in CloudWatch, then run it again.";
}

/** A record cannot be read, so it is not known whether its message took effect. */
export class LedgerDamaged extends LifeboatError {
  override readonly name = 'LedgerDamaged';
  override readonly kind = 'damaged';
}

/** Checks that the keys of one call are different. @throws an error that names the first repeated one */
export function refuseRepeated(keys: readonly string[]): void {
  const known = new Set<string>();
  const repeated = keys.find((key) => known.size === known.add(key).size);
  if (repeated !== undefined)
    throw new Error(
      `the key "${repeated}" is in one batch twice: its messages must come one after the other`,
    );
}
