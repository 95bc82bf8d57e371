import type { DeadLetter } from './dead-letter.ts';

/** Messages that were taken out of a queue because sending them again is of no use, kept whole in the vault. */
export interface Quarantine {
  /** Keeps a message, before it is deleted from its queue. Kept again (a repeated attempt), the first stays. @returns its id */
  keep(letter: DeadLetter, why: QuarantineReason): Promise<string>;
}

export interface QuarantineReason {
  /** Which run put it there. */
  readonly runId: string;
  /** Null where it has none, which then is the reason. */
  readonly key: string | null;
  /** One word for the account: `refused`, `unparsable`, `key-missing`, `mismatch`, `too-old`. */
  readonly kind: 'refused' | 'unparsable' | 'key-missing' | 'mismatch' | 'too-old';
  /** For people: what was expected and what was found. */
  readonly reason: string;
  /** Deliveries tried, in all runs. */
  readonly attempts: number;
}
