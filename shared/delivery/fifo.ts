import { createHash } from 'node:crypto';
import type { DeadLetter } from '../replay/message/dead-letter.ts';

/**
 * A FIFO queue or topic accepts a deduplication id that it saw within five minutes, and drops the message. A minute more is
 * for clocks that differ.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/using-messagededuplicationid-property.html
 */
const REMEMBERED_MS = 6 * 60_000;

/** What both may be made of, at most. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html */
const FITTING = /^[\x21-\x7e]{1,128}$/;

/**
 * Group and deduplication id for a FIFO queue or topic. Both are the message's own where it has them. A message that was
 * sent so lately that its id may still be remembered gets one made of its key instead: with its own it would be lost.
 * Either id is the same when the message is sent again, so that a repetition within five minutes is dropped.
 */
export function fifo(
  { groupId, deduplicationId, sentAt }: Pick<DeadLetter, 'groupId' | 'deduplicationId' | 'sentAt'>,
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
