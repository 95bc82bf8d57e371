import type { KeptMessage, QuarantinedMessage, QuarantineReason, Release } from './quarantined-message.ts';

/** Messages that were taken out of a queue because it is useless to send them again, kept whole in the vault. */
export interface Quarantine {
  /** Keeps a message, before it is deleted from its queue. Of two attempts to keep one message, the first stays. @returns its id */
  keep(message: KeptMessage, why: QuarantineReason): Promise<string>;
}

/** What is in quarantine, for the people who decide about it. */
export interface QuarantineReader {
  /** The messages that were sent last, newest first, and how many there are in all. @throws QuarantineUnreadable */
  list(atMost: number): Promise<{ readonly total: number; readonly messages: QuarantineEntry[] }>;
  /** A message whole, and its releases, oldest first. @throws NotInQuarantine, QuarantineUnreadable */
  show(id: string): Promise<QuarantinedMessage & { readonly releases: Release[] }>;
  /** Records that a message was put on its queue again. */
  noteRelease(id: string, release: Release): Promise<void>;
}

/** A line of the list. */
export interface QuarantineEntry extends QuarantineReason {
  readonly id: string;
  readonly messageId: string;
  readonly sentAt: Date;
  readonly keptAt: Date;
  readonly bytes: number;
  /** How often it was put on its queue again. */
  readonly releases: number;
}
