import type { Timer } from '../../../shared/clock/clock.ts';
import {
  type DeadLetter,
  type Receipt,
  type ReceivedMessage,
  receivedMessage,
} from '../../../shared/replay/message/dead-letter.ts';
import type { DeadLetterQueue } from '../../../shared/replay/queue/dead-letter-queue.ts';

type Fields = Omit<DeadLetter, 'content' | 'wrapper'>;

interface Kept {
  fields: Fields;
  visibleAt: number;
}

type Luck = (what: 'received twice' | 'not deleted') => boolean;

/** SQS gives ten messages at most. */
const MOST = 10;

/**
 * A standard or FIFO queue as SQS keeps one, by a clock of the test's. Only the receipt of the last receive has an effect.
 *
 * @param unlucky asked before each message: whether it is received though it is hidden, and whether it is not deleted
 */
export function memoryQueue(
  clock: Timer,
  messages: readonly Partial<Fields>[],
  {
    unlucky = () => false,
    fifo = false,
    sources = [],
  }: { unlucky?: Luck; fifo?: boolean; sources?: string[] } = {},
) {
  const now = () => clock.now().getTime();
  const kept = new Map<string, Kept>();
  let sent = 0;

  function send(message: Partial<Fields>): void {
    const fields: Fields = {
      messageId: `m${sent++}`,
      receiptHandle: '',
      body: '{}',
      attributes: {},
      sentAt: clock.now(),
      receiveCount: 0,
      groupId: null,
      deduplicationId: null,
      sourceArn: null,
      traceHeader: null,
      senderId: null,
      firstReceivedAt: null,
      ...message,
    };
    kept.set(fields.messageId, { fields, visibleAt: 0 });
  }
  for (const message of messages) send(message);

  const isVisible = ({ visibleAt }: Kept) => visibleAt <= now();
  const INVALID = 'ReceiptHandleIsInvalid: the queue gave no such receipt';
  const isReceipt = ({ messageId, receiptHandle }: Receipt) => receiptHandle.startsWith(`${messageId}/`);
  const holderOf = ({ messageId, receiptHandle }: Receipt) => {
    const message = kept.get(messageId);
    return message?.fields.receiptHandle === receiptHandle ? message : undefined;
  };

  function take(max: number, hidden: number): ReceivedMessage[] {
    const hiddenGroups = new Set(
      [...kept.values()].filter((message) => !isVisible(message)).map(({ fields }) => fields.groupId),
    );
    const isFree = ({ groupId }: Fields) => groupId === null || !hiddenGroups.has(groupId);
    const given = [...kept.values()].filter(
      (message) => (isVisible(message) && isFree(message.fields)) || unlucky('received twice'),
    );
    return given.slice(0, Math.min(max, MOST)).map((message) => {
      const receiveCount = message.fields.receiveCount + 1;
      const receiptHandle = `${message.fields.messageId}/${receiveCount}`;
      message.fields = { ...message.fields, receiveCount, receiptHandle };
      message.visibleAt = now() + hidden;
      return receivedMessage(message.fields);
    });
  }

  const queue: DeadLetterQueue = {
    async receive({ max, waitMs, hiddenMs, signal }) {
      for (const until = now() + waitMs; ; await clock.sleep(100, signal)) {
        signal?.throwIfAborted();
        const received = take(max, hiddenMs);
        if (received.length > 0 || now() >= until) return received;
      }
    },
    async delete(receipts) {
      return receipts.flatMap((receipt) => {
        if (!isReceipt(receipt)) return [{ receipt, reason: INVALID }];
        if (unlucky('not deleted')) return [{ receipt, reason: 'InternalError' }];
        if (holderOf(receipt)) kept.delete(receipt.messageId);
        return [];
      });
    },
    async hide(receipts, milliseconds) {
      return receipts.flatMap((receipt) => {
        if (!isReceipt(receipt)) return [{ receipt, reason: INVALID }];
        const message = holderOf(receipt);
        if (message) message.visibleAt = now() + milliseconds;
        return [];
      });
    },
    sources: async () => [...sources].sort(),
    async inspect() {
      const visible = [...kept.values()].filter(isVisible).length;
      return { visible, inFlight: kept.size - visible, delayed: 0, retention: 0, fifo };
    },
  };
  return { queue, send, size: () => kept.size };
}
