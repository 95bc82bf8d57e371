import {
  KEY_ATTRIBUTE,
  type MessageAttribute,
  type OutgoingMessage,
  REPLAY_OF_ATTRIBUTE,
} from './outgoing-message.ts';

/**
 * The attributes that a message on a queue may have. A topic takes more, but SNS then delivers the message to a queue with
 * raw delivery without any of them.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html
 * https://docs.aws.amazon.com/sns/latest/dg/sns-message-attributes.html
 */
export const MOST_ATTRIBUTES = 10;

export const TOO_MANY_ATTRIBUTES = `with its key and its origin it has more than the ${MOST_ATTRIBUTES} message attributes that SQS takes: without them, the next replay would not know the message`;

/** The attributes of a message that is put on a queue again: its own, its key, and which dead letter it replays. */
export function withKey(
  attributes: OutgoingMessage['attributes'],
  key: string,
  { messageId }: Pick<OutgoingMessage, 'messageId'>,
): Readonly<Record<string, MessageAttribute>> {
  return {
    ...attributes,
    [KEY_ATTRIBUTE]: { type: 'String', value: key },
    [REPLAY_OF_ATTRIBUTE]: { type: 'String', value: messageId },
  };
}
