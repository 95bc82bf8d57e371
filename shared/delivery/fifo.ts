import { createHash } from 'node:crypto';
import type { OutgoingMessage } from './outgoing-message.ts';

/**
 * A FIFO queue or topic accepts a deduplication id that it saw within five minutes, and drops the message. One minute more
 * allows for clocks that differ.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/using-messagededuplicationid-property.html
 */
const REMEMBERED_MS = 6 * 60_000;

/** The characters and the length that SQS allows for both ids. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html */
const FITTING = /^[\x21-\x7e]{1,128}$/;

/**
 * Group and deduplication id for a FIFO queue or topic. A message keeps its own where it has them. If it was sent within the
 * last minutes, the queue may still remember its deduplication id and would drop it: it then gets one made of its key.
 * A message that is sent again gets the same ids, so a repetition within five minutes is dropped.
 */
export function fifo(
  { groupId, deduplicationId, sentAt }: Pick<OutgoingMessage, 'groupId' | 'deduplicationId' | 'sentAt'>,
  key: string,
  now: Date,
): { MessageGroupId: string; MessageDeduplicationId: string } {
  const remembered = now.getTime() - sentAt.getTime() < REMEMBERED_MS;
  return {
    MessageGroupId: groupId ?? (FITTING.test(key) ? key : hash(key)),
    MessageDeduplicationId:
      deduplicationId === null || remembered ? `lifeboat-${hash(key)}` : deduplicationId,
  };
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
