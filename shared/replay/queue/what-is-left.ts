import type { Timer } from '../../clock/clock.ts';
import type { Receipt } from '../message/dead-letter.ts';
import { type DeadLetterQueue, QueueForbidden } from './dead-letter-queue.ts';

/** What a replay knows of its queue besides the queue's counters. */
export interface KnownOfQueue {
  /** Messages that the replay took out of the queue. */
  readonly gone: number;
  /** Receives after which a message went back to the queue. */
  readonly returned: number;
  /** Messages that were hidden or delayed before the replay received any. */
  readonly hiddenBefore: number;
}

/**
 * SQS's counters settle a minute or more after the last change.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/confirm-queue-is-empty.html
 */
const COUNTERS_SETTLE_MS = 90_000;
const LOOK_AGAIN_MS = 15_000;

/** When it may wait, SQS asks all its servers. Only then does an empty answer mean that no message is visible. */
const WAIT_MS = 2_000;

/** Messages that are counted by receiving them. Of more than these, SQS's counters are good enough. */
const RECEIVED = 100;
const BATCH = 10;
/** If this process dies, they are visible again after that. */
const HIDDEN_MS = 30_000;

/**
 * Counts the messages that a replay left in its queue, hidden ones too.
 *
 * The counters may still count messages that the replay deleted, and may not yet count those that it returned. So visible
 * messages are counted by receiving them: until a long poll finds no more, which SQS answers exactly, and they are shown again.
 * Hidden messages have only their counter. It is looked at again for 90 s, except where no message can be hidden: nothing was
 * hidden before the replay, and all that the replay returned was seen.
 *
 * @returns the exact number, or SQS's approximation where more than 100 are visible or the counters did not settle
 * @throws QueueMissing, QueueForbidden; the signal's reason
 */
export async function whatIsLeft(
  { queue, clock }: { readonly queue: DeadLetterQueue; readonly clock: Timer },
  known: KnownOfQueue,
  signal: AbortSignal,
): Promise<number> {
  const until = clock.now().getTime() + COUNTERS_SETTLE_MS;
  for (;;) {
    const { visible, inFlight, delayed, fifo } = await queue.inspect();
    const hidden = inFlight + delayed;
    if (visible + hidden === 0 && known.returned === 0) return 0;
    const seen = await countVisible(queue, fifo, signal);
    if (!seen.isExact) return Math.max(seen.messages, visible + hidden);
    if (hidden === 0 || isLate(hidden, seen.messages, known)) return seen.messages;
    if (clock.now().getTime() >= until) return seen.messages + hidden;
    await clock.sleep(LOOK_AGAIN_MS, signal);
  }
}

/** No message can be hidden, so the counter still counts messages that the replay took out. */
function isLate(hidden: number, seen: number, { gone, returned, hiddenBefore }: KnownOfQueue): boolean {
  return hiddenBefore === 0 && seen >= returned && hidden <= gone;
}

/** Receives what is visible, and shows it again. A FIFO queue gives no further message of a group while one of it is hidden. */
async function countVisible(
  queue: DeadLetterQueue,
  fifo: boolean,
  signal: AbortSignal,
): Promise<{ messages: number; isExact: boolean }> {
  const receipts = new Map<string, Receipt>();
  try {
    while (receipts.size < RECEIVED) {
      const batch = await queue.receive({ max: BATCH, waitMs: WAIT_MS, hiddenMs: HIDDEN_MS, signal });
      if (batch.length === 0) return { messages: receipts.size, isExact: !fifo || receipts.size === 0 };
      for (const { message } of batch) {
        const { messageId, receiptHandle } = message;
        receipts.set(messageId, { messageId, receiptHandle });
      }
    }
    return { messages: receipts.size, isExact: false };
  } finally {
    await queue.hide([...receipts.values()], 0).catch((error) => {
      if (error instanceof QueueForbidden) throw error;
      // After any other error they become visible again when their time is over.
    });
  }
}
