import type { OutgoingMessage } from '../../delivery/outgoing-message.ts';
import { parseBody } from '../../delivery/parse-body.ts';

/** A message as it was received from a dead-letter queue. A message that is received twice is two of these. */
export interface DeadLetter extends OutgoingMessage, Receipt {}

/** What hides, shows and deletes one receive of a message. */
export interface Receipt {
  readonly messageId: string;
  readonly receiptHandle: string;
}

/** A dead letter and its parsed body, which only the selection reads. Drop it after that, so that memory stays flat. */
export interface ReceivedMessage {
  readonly message: DeadLetter;
  /** Undefined where the body is not JSON. */
  readonly json: unknown;
}

/** Parses the body of a message: once, when it is received. */
export function receivedMessage(fields: Omit<DeadLetter, 'content'>): ReceivedMessage {
  const { json, content } = parseBody(fields.body);
  return { message: { ...fields, content }, json };
}

/** What became of a received message. Each receive ends as exactly one of these. */
export type Disposition = 'delivered' | 'duplicate' | 'quarantined' | 'returned';
