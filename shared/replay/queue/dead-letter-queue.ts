import { LifeboatError } from '../../errors/lifeboat-error.ts';
import type { Receipt, ReceivedMessage } from '../message/dead-letter.ts';

/**
 * A dead-letter queue. Received messages stay in it, hidden, until they are deleted.
 *
 * Only the receipt of a message's latest receive deletes or hides it. The queue may give a message twice.
 */
export interface DeadLetterQueue {
  /**
   * Receives up to ten messages and hides them.
   *
   * @param waitMs how long to wait for a first message, at most 20 s
   * @param hiddenMs for how long no other receiver gets the messages, at most 12 h
   * @throws QueueMissing, QueueForbidden
   */
  receive(options: {
    max: number;
    waitMs: number;
    hiddenMs: number;
    signal?: AbortSignal;
  }): Promise<ReceivedMessage[]>;
  /** Deletes messages. @returns those that could not be deleted, with the queue's reason; they become visible again */
  delete(receipts: readonly Receipt[]): Promise<NotDone[]>;
  /** Hides messages for so many milliseconds from now; 0 shows them. @returns those that are gone or already visible */
  hide(receipts: readonly Receipt[], milliseconds: number): Promise<NotDone[]>;
  /** @throws QueueMissing, QueueForbidden */
  inspect(): Promise<QueueState>;
  /** Names of the queues whose redrive policy moves messages here now, sorted. @throws QueueMissing, QueueForbidden */
  sources(): Promise<string[]>;
}

export interface NotDone {
  readonly receipt: Receipt;
  readonly reason: string;
}

/** All counts are SQS's approximations. */
export interface QueueState {
  readonly visible: number;
  /** Hidden: received, and neither deleted nor visible again. */
  readonly inFlight: number;
  readonly delayed: number;
  /** Milliseconds after which SQS drops a message. */
  readonly retention: number;
  readonly fifo: boolean;
}

/** There is no queue of that name in this account and Region. */
export class QueueMissing extends LifeboatError {
  override readonly name = 'QueueMissing';
  override readonly kind = 'missing';
}

/** The caller's role or the queue's policy does not allow it. */
export class QueueForbidden extends LifeboatError {
  override readonly name = 'QueueForbidden';
  override readonly kind = 'forbidden';
}
