import type { QuarantineReason } from '../quarantine/quarantined-message.ts';

/** Why a message goes back to its queue, and whether another round may deliver it. */
const RETURNS = {
  /** The filter does not want it. */
  filtered: { worthAnotherRound: false },
  /** It came from another source than the ones before it, and the plan has one target. */
  'other-source': { worthAnotherRound: false },
  /** The worker ended before it sent it. */
  unsent: { worthAnotherRound: false },
  /** A worker that died held it. */
  'worker-died': { worthAnotherRound: false },
  /** The target failed. */
  failed: { worthAnotherRound: true },
  /** The target did not answer. */
  unknown: { worthAnotherRound: true },
  /** The target failed it, as it did in an earlier run in which it accepted others. */
  suspect: { worthAnotherRound: true },
  /** Another worker holds its key. */
  busy: { worthAnotherRound: true },
  /** A message before it in its group went back. */
  behind: { worthAnotherRound: true },
  /** The ledger could not be written. */
  unrecorded: { worthAnotherRound: true },
  /** The worker met an error. */
  error: { worthAnotherRound: true },
} as const satisfies Readonly<Record<string, { readonly worthAnotherRound: boolean }>>;

export type ReturnReason = keyof typeof RETURNS;

/** Why a message needs no delivery: a replay delivered it before, or the application's own database has it. */
export type DuplicateReason = 'done-before' | 'application-has-it';

/** What the account counts messages by, beside their disposition. */
export type Reason = ReturnReason | DuplicateReason | QuarantineReason['kind'];

/** The reasons that pass. */
export const WORTH_ANOTHER_ROUND: readonly ReturnReason[] = Object.entries(RETURNS).flatMap(
  ([reason, { worthAnotherRound }]) => (worthAnotherRound ? [reason as ReturnReason] : []),
);
