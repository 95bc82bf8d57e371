import { beforeEach, describe, expect, test } from 'vitest';
import type { MessageAttribute } from '../../shared/delivery/outgoing-message.ts';
import type { DeadLetter } from '../../shared/replay/message/dead-letter.ts';
import type { DeadLetterQueue } from '../../shared/replay/queue/dead-letter-queue.ts';
import { enveloped } from '../unit/replay/bodies.ts';

/** A queue, and its sender. */
export interface OpenQueue {
  readonly queue: DeadLetterQueue;
  send(message: SentMessage): Promise<void>;
}

export interface SentMessage {
  readonly body: string;
  readonly attributes?: Readonly<Record<string, MessageAttribute>>;
  /** Of a FIFO queue, together with the deduplication id. */
  readonly groupId?: string;
  readonly deduplicationId?: string;
}

/** Longer than any test. */
const HIDDEN_MS = 600_000;

/** What every dead-letter queue must do. @param open makes an empty queue */
export function deadLetterQueueContract(
  name: string,
  open: (kind: 'standard' | 'fifo') => Promise<OpenQueue>,
): void {
  describe(`${name}, as a dead-letter queue`, () => {
    let it: OpenQueue;

    beforeEach(async () => {
      it = await open('standard');
    });

    async function receiveOne({ queue } = it): Promise<DeadLetter> {
      const [received] = await queue.receive({ max: 1, waitMs: 5_000, hiddenMs: HIDDEN_MS });
      if (!received) throw new Error('no message came');
      return received.message;
    }

    async function receiveAll({ queue } = it): Promise<DeadLetter[]> {
      const all: DeadLetter[] = [];
      for (;;) {
        const received = await queue.receive({ max: 10, waitMs: 0, hiddenMs: HIDDEN_MS });
        expect(received.length).toBeLessThanOrEqual(10);
        if (received.length === 0) return all;
        all.push(...received.map(({ message }) => message));
      }
    }

    test('gives a message as it was sent', async () => {
      const attributes = {
        plain: { type: 'String', value: 'it\'s "so" 🛟\n' },
        count: { type: 'Number.int', value: '0042' },
        bytes: { type: 'Binary.gif', value: Uint8Array.from([0, 255, 128]) },
      };
      await it.send({ body: ' {"a": 1}\r\n', attributes });
      expect(await receiveOne()).toMatchObject({
        body: ' {"a": 1}\r\n',
        attributes,
        receiveCount: 1,
        groupId: null,
        deduplicationId: null,
        sentAt: expect.any(Date),
      });
    });

    test('parses the body of what it gives', async () => {
      await it.send({ body: enveloped() });
      const [received] = await it.queue.receive({ max: 1, waitMs: 5_000, hiddenMs: HIDDEN_MS });
      expect(received?.json).toEqual(JSON.parse(enveloped()));
      expect(received?.message.content).toMatchObject({ format: 'sns', envelope: { Type: 'Notification' } });
    });

    test('hides a received message, and gives it again after that time', async () => {
      await it.send({ body: 'x' });
      const first = await receiveOne();
      expect(await it.queue.receive({ max: 1, waitMs: 0, hiddenMs: HIDDEN_MS })).toEqual([]);
      expect(await it.queue.hide([first], 1)).toEqual([]);
      const second = await receiveOne();
      expect(second).toMatchObject({ messageId: first.messageId, sentAt: first.sentAt, receiveCount: 2 });
      expect(second.receiptHandle).not.toBe(first.receiptHandle);
    });

    test('shows a message at once', async () => {
      await it.send({ body: 'x' });
      expect(await it.queue.hide([await receiveOne()], 0)).toEqual([]);
      expect(await receiveAll()).toMatchObject([{ receiveCount: 2 }]);
    });

    test('gives ten at a time at most, and loses all that are deleted, however many', async () => {
      for (let number = 0; number < 23; number++) await it.send({ body: String(number) });
      expect(await it.queue.inspect()).toMatchObject({ visible: 23, inFlight: 0, delayed: 0, fifo: false });
      const messages = await receiveAll();
      expect(new Set(messages.map(({ messageId }) => messageId)).size).toBe(23);
      expect(await it.queue.inspect()).toMatchObject({ visible: 0, inFlight: 23 });
      expect(await it.queue.delete(messages)).toEqual([]);
      expect(await it.queue.inspect()).toMatchObject({ visible: 0, inFlight: 0 });
    });

    // SQS says that it deleted the message; other implementations may say that the receipt is invalid by now.
    test('may be asked to delete a message that is deleted already', async () => {
      await it.send({ body: 'x' });
      const message = await receiveOne();
      expect(await it.queue.delete([message])).toEqual([]);
      await it.queue.delete([message]);
      expect(await it.queue.inspect()).toMatchObject({ visible: 0, inFlight: 0 });
    });

    test('names each message that it could not hide or delete, and does the others', async () => {
      await it.send({ body: 'a' });
      await it.send({ body: 'b' });
      const [one, other] = await receiveAll();
      if (!one || !other) throw new Error('two messages were sent');
      const broken = { messageId: one.messageId, receiptHandle: 'not a handle' };
      const notDone = [{ receipt: broken, reason: expect.stringMatching(/^ReceiptHandleIsInvalid/) }];
      expect(await it.queue.hide([broken, other], HIDDEN_MS)).toEqual(notDone);
      expect(await it.queue.delete([broken, other])).toEqual(notDone);
      expect(await it.queue.inspect()).toMatchObject({ inFlight: 1 });
    });

    test('does nothing for no messages', async () => {
      expect(await it.queue.hide([], 0)).toEqual([]);
      expect(await it.queue.delete([])).toEqual([]);
    });

    test('ends a wait when the signal fires, with the signal’s reason', async () => {
      const stop = new AbortController();
      const reason = new Error('out of time');
      const waiting = it.queue.receive({
        max: 1,
        waitMs: 20_000,
        hiddenMs: HIDDEN_MS,
        signal: stop.signal,
      });
      stop.abort(reason);
      await expect(waiting).rejects.toBe(reason);
      const late = it.queue.receive({ max: 1, waitMs: 20_000, hiddenMs: HIDDEN_MS, signal: stop.signal });
      await expect(late).rejects.toBe(reason);
    });

    test('of FIFO gives the messages of a group in their order, and the next only after the one before is gone', async () => {
      const fifo = await open('fifo');
      for (const id of ['a1', 'a2', 'b1'])
        await fifo.send({ body: id, groupId: id.slice(0, 1), deduplicationId: id });
      const first = [await receiveOne(fifo), await receiveOne(fifo)];
      expect(first.map(({ body, groupId, deduplicationId }) => [body, groupId, deduplicationId])).toEqual([
        ['a1', 'a', 'a1'],
        ['b1', 'b', 'b1'],
      ]);
      expect(await fifo.queue.receive({ max: 10, waitMs: 0, hiddenMs: HIDDEN_MS })).toEqual([]);
      await fifo.queue.delete(first);
      expect((await receiveOne(fifo)).body).toBe('a2');
      expect(await fifo.queue.inspect()).toMatchObject({ fifo: true });
    });

    test('of FIFO gives messages of one group together, in their order', async () => {
      const fifo = await open('fifo');
      for (const id of ['a1', 'a2', 'a3']) await fifo.send({ body: id, groupId: 'a', deduplicationId: id });
      const received = await fifo.queue.receive({ max: 10, waitMs: 5_000, hiddenMs: HIDDEN_MS });
      expect(received.map(({ message }) => message.body)).toEqual(['a1', 'a2', 'a3']);
    });
  });
}
