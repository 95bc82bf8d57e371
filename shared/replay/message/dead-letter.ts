/** A message as it was received from a dead-letter queue: received twice, it is two of these. */
export interface DeadLetter {
  /** SQS's own id. SQS's redrive gives a message a new one. */
  readonly messageId: string;
  /** What hides, shows and deletes this receive of the message. */
  readonly receiptHandle: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, MessageAttribute>>;
  /** When it was first sent. Moving to a standard dead-letter queue keeps this time. */
  readonly sentAt: Date;
  /** How often it has been received from this queue, this time included. */
  readonly receiveCount: number;
  /** Of a FIFO queue: messages of one group are delivered in their order. */
  readonly groupId: string | null;
  readonly deduplicationId: string | null;
}

/** A message attribute: `String`, `Number`, `Binary`, or one of these with a suffix such as `Number.int`. */
export interface MessageAttribute {
  readonly type: string;
  readonly value: string | Uint8Array;
}

/** What became of a received message. Each receive ends as exactly one of these. */
export type Disposition = 'delivered' | 'duplicate' | 'quarantined' | 'returned';

/**
 * The message attribute in which the key travels with a message that is put on a queue again, so that the next replay
 * recognises it though its MessageId is new.
 */
export const KEY_ATTRIBUTE = 'LifeboatKey';

/**
 * The message attribute that names the dead letter (by its MessageId in SQS) of which a message on a queue or topic is the
 * replay. A consumer may fail again, and then the replay is a dead letter itself: one that the ledger has as delivered, and
 * that must be delivered once more.
 */
export const REPLAY_OF_ATTRIBUTE = 'LifeboatReplayOf';
