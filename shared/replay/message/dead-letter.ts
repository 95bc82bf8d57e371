import { envelopeOf, type OutgoingMessage } from '../../delivery/outgoing-message.ts';
import { parseBody, parseJson } from '../../delivery/parse-body.ts';
import { attributesOf, recogniseWrapper } from '../../delivery/wrapper.ts';

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

/** What is read from a message's body and attributes, not from SQS. */
export type Recognised = Pick<DeadLetter, 'content' | 'wrapper'>;

/** Parses the body of a message: once, when it is received. */
export function receivedMessage(fields: Omit<DeadLetter, keyof Recognised>): ReceivedMessage {
  const { json, ...recognised } = recognise(fields);
  return { message: { ...fields, ...recognised }, json };
}

/** What a message is, by its body and attributes. */
export function recognise({
  body,
  attributes,
}: Pick<DeadLetter, 'body' | 'attributes'>): Recognised & Pick<ReceivedMessage, 'json'> {
  const { json, content } = parseBody(body);
  const envelope = envelopeOf({ content });
  const wrapper =
    envelope === null
      ? recogniseWrapper(json, attributes)
      : recogniseWrapper(parseJson(envelope.Message), attributesOf(envelope));
  return { json, content, wrapper };
}

/** What became of a received message. Each receive ends as exactly one of these. */
export type Disposition = 'delivered' | 'duplicate' | 'quarantined' | 'returned';
