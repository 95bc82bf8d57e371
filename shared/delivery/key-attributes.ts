import {
  type DeadLetter,
  KEY_ATTRIBUTE,
  type MessageAttribute,
  REPLAY_OF_ATTRIBUTE,
} from '../replay/message/dead-letter.ts';

/**
 * What a message may have on a queue. A topic takes more, and a subscribed queue with raw delivery then silently gets none.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html
 * https://docs.aws.amazon.com/sns/latest/dg/sns-message-attributes.html
 */
export const MOST_ATTRIBUTES = 10;

export const TOO_MANY_ATTRIBUTES = `with its key and its origin it has more than the ${MOST_ATTRIBUTES} message attributes that SQS takes: without them, the next replay would not know the message`;

/** The attributes of a message that is put on a queue again: its own, its key, and which dead letter it replays. */
export function withKey(
  attributes: DeadLetter['attributes'],
  key: string,
  { messageId }: Pick<DeadLetter, 'messageId'>,
): Readonly<Record<string, MessageAttribute>> {
  return {
    ...attributes,
    [KEY_ATTRIBUTE]: { type: 'String', value: key },
    [REPLAY_OF_ATTRIBUTE]: { type: 'String', value: messageId },
  };
}
