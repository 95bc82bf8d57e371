import { describe, expect, test } from 'vitest';
import { fifo } from '../../../shared/delivery/fifo.ts';
import { deadLetter } from '../replay/dead-letter.ts';

const sentAt = new Date('2026-03-01T12:00:00Z');
const later = (minutes: number) => new Date(sentAt.getTime() + minutes * 60_000);
const ofQueue = deadLetter({ sentAt, groupId: 'customer 7', deduplicationId: 'order-1' });

describe('on a FIFO queue a message', () => {
  test('keeps its group and its deduplication id', () => {
    expect(fifo(ofQueue, 'key', later(6))).toEqual({
      MessageGroupId: 'customer 7',
      MessageDeduplicationId: 'order-1',
    });
  });

  test('gets a new id while SQS may still remember its own, the same at each attempt', () => {
    const ids = [0, 1, 5.9].map((minutes) => fifo(ofQueue, 'key', later(minutes)).MessageDeduplicationId);
    expect(ids[0]).toMatch(/^lifeboat-[0-9a-f]{64}$/);
    expect(new Set(ids).size).toBe(1);
  });

  test('that has none of its own gets both from its key', () => {
    const made = fifo(deadLetter({ sentAt }), 'key', later(60));
    expect(made.MessageGroupId).toBe('key');
    expect(made.MessageDeduplicationId).toMatch(/^lifeboat-[0-9a-f]{64}$/);
    expect(fifo(deadLetter({ sentAt }), 'other', later(60))).not.toEqual(made);
  });

  test.each(['', 'with space', 'line\nline', 'Grüße', 'x'.repeat(129)])(
    'gets a group that SQS takes from the key %j',
    (key) => {
      expect(fifo(deadLetter(), key, later(60)).MessageGroupId).toMatch(/^[0-9a-f]{64}$/);
    },
  );
});
