import type { Batch, Settlement } from '../../ledger/ledger.ts';
import type { DuplicateReason, Reason, ReturnReason } from '../account/reasons.ts';
import type { Disposition } from '../message/dead-letter.ts';
import type { QuarantineReason } from '../quarantine/quarantined-message.ts';

/** What becomes of one receive of a message. */
export interface Outcome {
  readonly disposition: Disposition;
  /** Counted in the account; null for a plain delivery. */
  readonly reason: Reason | null;
  /** What the ledger is told; null where there is nothing to tell. */
  readonly settle: Settle | null;
}

/** A settlement, without the batch and the message that it belongs to. */
export type Settle = Pick<Settlement, 'key' | 'as' | 'from' | 'failure'>;

/** The target accepted it. */
export const delivered = (key: string): Outcome => ({
  disposition: 'delivered',
  reason: null,
  settle: { key, as: 'delivered' },
});

/** It has taken effect before. */
export const duplicate = (reason: DuplicateReason, settle: Settle | null): Outcome => ({
  disposition: 'duplicate',
  reason,
  settle,
});

/** It is kept in the vault. */
export const quarantined = (reason: QuarantineReason['kind'], settle: Settle | null): Outcome => ({
  disposition: 'quarantined',
  reason,
  settle,
});

/** It goes back to the queue. */
export const returned = (reason: ReturnReason, settle: Settle | null = null): Outcome => ({
  disposition: 'returned',
  reason,
  settle,
});

/** A worker recorded it in the ledger and died before it counted it. It is counted now, by this worker. */
export const countedLate = (key: string, as: 'delivered' | 'quarantined', from: Batch): Outcome => ({
  disposition: as,
  reason: null,
  settle: { key, as, from },
});
