import { type DeadLetter, KEY_ATTRIBUTE, type MessageAttribute } from '../dead-letter.ts';

/**
 * What a message may have on a queue. A topic takes more, and a subscribed queue with raw delivery then silently gets none.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html
 * https://docs.aws.amazon.com/sns/latest/dg/sns-message-attributes.html
 */
export const MOST_ATTRIBUTES = 10;

export const TOO_MANY_ATTRIBUTES = `it has ${MOST_ATTRIBUTES} message attributes, and the key would be one more than SQS takes: without it, the next replay would not know the message`;

/** A message's attributes, and its key among them. */
export function withKey(
  attributes: DeadLetter['attributes'],
  key: string,
): Readonly<Record<string, MessageAttribute>> {
  return { ...attributes, [KEY_ATTRIBUTE]: { type: 'String', value: key } };
}
