import type { SnsEnvelope } from './sns-envelope.ts';
import type { Wrapper } from './wrapper.ts';

/** A message as a target is given it. */
export interface OutgoingMessage {
  /** The message's id in SQS. SQS's own redrive gives a message a new one. */
  readonly messageId: string;
  readonly body: string;
  /** What the body is, found when the message was received. */
  readonly content: MessageContent;
  /** What AWS put around its payload; null for a message that is its own payload. */
  readonly wrapper: Wrapper | null;
  readonly attributes: Readonly<Record<string, MessageAttribute>>;
  /** When the message was first sent. Moving it to a standard dead-letter queue keeps this time. */
  readonly sentAt: Date;
  /** How often it has been received from its queue, this time included. */
  readonly receiveCount: number;
  /** Of a FIFO queue: messages of one group are delivered in their order. */
  readonly groupId: string | null;
  readonly deduplicationId: string | null;
  /** ARN of the queue whose redrive policy moved it; null where it was sent to the dead-letter queue itself. */
  readonly sourceArn: string | null;
  /** The header by which X-Ray follows it. */
  readonly traceHeader: string | null;
  /** Who sent it: an id of IAM, or an account. */
  readonly senderId: string | null;
  /** When it was first received from its queue. */
  readonly firstReceivedAt: Date | null;
}

/**
 * What a body is. A worker keeps this for each message that it holds, so the parsed JSON is left out: it can be many times
 * as large as its text.
 */
export type MessageContent =
  | { readonly format: 'text' }
  | { readonly format: 'json' }
  | { readonly format: 'sns'; readonly envelope: SnsEnvelope };

/** A message attribute: `String`, `Number`, `Binary`, or one of these with a suffix such as `Number.int`. */
export interface MessageAttribute {
  readonly type: string;
  readonly value: string | Uint8Array;
}

/** The SNS envelope that a message is; null for any other message. */
export function envelopeOf({ content }: Pick<OutgoingMessage, 'content'>): SnsEnvelope | null {
  return content.format === 'sns' ? content.envelope : null;
}

/**
 * The message attribute that carries the idempotency key of a message that is put on a queue again. The next replay
 * recognises the message by it, although its MessageId is new.
 */
export const KEY_ATTRIBUTE = 'LifeboatKey';

/**
 * The message attribute that names the dead letter, by its MessageId in SQS, that a message replays. The consumer may fail
 * again. The replay then is a dead letter itself: the ledger has it as delivered, and it must be delivered once more.
 */
export const REPLAY_OF_ATTRIBUTE = 'LifeboatReplayOf';

/**
 * The message attribute that names the queue from which a released message once came. Only SQS itself can set
 * `DeadLetterQueueSourceArn`.
 */
export const SOURCE_ATTRIBUTE = 'LifeboatSource';
