import { createHash } from 'node:crypto';
import type { OutgoingMessage } from './outgoing-message.ts';

/** The characters and the length that SQS allows for a group. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html */
const FITTING = /^[\x21-\x7e]{1,128}$/;

/**
 * Group and deduplication id for a FIFO queue or topic. A message keeps its group where it has one.
 *
 * A FIFO queue accepts a deduplication id that it saw within five minutes, and drops the message. So the id is never the
 * message's own: two dead letters may have one, sent more than five minutes apart or in two groups. It is made of the key and
 * the dead letter: the same at each attempt, and another one where a replay failed and is replayed in turn.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/using-messagededuplicationid-property.html
 */
export function fifo(
  { groupId, messageId }: Pick<OutgoingMessage, 'groupId' | 'messageId'>,
  key: string,
): { MessageGroupId: string; MessageDeduplicationId: string } {
  return {
    MessageGroupId: groupId ?? (FITTING.test(key) ? key : hash(key)),
    MessageDeduplicationId: `lifeboat-${hash(JSON.stringify([key, messageId]))}`,
  };
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
