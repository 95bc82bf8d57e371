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

/**
 * The attributes of a message that is put on a queue again: its own, its key, and which dead letter it replays. Those by which
 * AWS says why a delivery failed are left out: the target never got them, and they take the room of others.
 */
export function withKey(
  attributes: OutgoingMessage['attributes'],
  key: string,
  { messageId }: Pick<OutgoingMessage, 'messageId'>,
): Readonly<Record<string, MessageAttribute>> {
  return {
    ...ownAttributes(attributes),
    [KEY_ATTRIBUTE]: { type: 'String', value: key },
    [REPLAY_OF_ATTRIBUTE]: { type: 'String', value: messageId },
  };
}

/**
 * The attributes that a service adds to what it could not deliver, all of them where all the first are there.
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html#invocation-dlq
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
 * https://docs.aws.amazon.com/scheduler/latest/UserGuide/configuring-schedule-dlq.html
 */
const ADDED = [
  { all: ['RequestID', 'ErrorCode', 'ErrorMessage'], more: [] },
  {
    all: ['RULE_ARN', 'TARGET_ARN', 'ERROR_CODE'],
    more: ['ERROR_MESSAGE', 'RETRY_ATTEMPTS', 'EXHAUSTED_RETRY_CONDITION'],
  },
  {
    all: ['SCHEDULE_ARN', 'TARGET_ARN', 'EXECUTION_ID'],
    more: [
      'ERROR_CODE',
      'ERROR_MESSAGE',
      'RETRY_ATTEMPTS',
      'EXHAUSTED_RETRY_CONDITION',
      'SCHEDULED_TIME',
      'IS_PAYLOAD_TRUNCATED',
    ],
  },
];

function ownAttributes(attributes: OutgoingMessage['attributes']): OutgoingMessage['attributes'] {
  const added = ADDED.find(({ all }) => all.every((name) => Object.hasOwn(attributes, name)));
  if (added === undefined) return attributes;
  const names = new Set([...added.all, ...added.more]);
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => !names.has(name)));
}
