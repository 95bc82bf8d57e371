import { describe, expect, test } from 'vitest';
import { fifo } from '../../../shared/delivery/fifo.ts';
import { deadLetter } from '../replay/dead-letter.ts';

const ofQueue = deadLetter({ messageId: 'm1', groupId: 'customer 7', deduplicationId: 'order-1' });
const idOf = (...message: Parameters<typeof fifo>) => fifo(...message).MessageDeduplicationId;

describe('on a FIFO queue a message', () => {
  test('keeps its group', () => {
    expect(fifo(ofQueue, 'key').MessageGroupId).toBe('customer 7');
  });

  test('gets an id that is the same at each attempt', () => {
    expect(idOf(ofQueue, 'key')).toMatch(/^lifeboat-[0-9a-f]{64}$/);
    expect(idOf({ ...ofQueue }, 'key')).toBe(idOf(ofQueue, 'key'));
  });

  test('gets another id than a dead letter with the same id of its own, which SQS would drop', () => {
    expect(idOf({ ...ofQueue, messageId: 'm2' }, 'other')).not.toBe(idOf(ofQueue, 'key'));
  });

  test('gets another id where a replay of it failed and is replayed in turn', () => {
    expect(idOf({ ...ofQueue, messageId: 'm2' }, 'key')).not.toBe(idOf(ofQueue, 'key'));
  });

  test('that has no group gets one from its key', () => {
    expect(fifo(deadLetter(), 'key').MessageGroupId).toBe('key');
  });

  test.each(['', 'with space', 'line\nline', 'Grüße', 'x'.repeat(129)])(
    'gets a group that SQS takes from the key %j',
    (key) => {
      expect(fifo(deadLetter(), key).MessageGroupId).toMatch(/^[0-9a-f]{64}$/);
    },
  );
});
