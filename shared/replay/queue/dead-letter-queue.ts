import { LifeboatError } from '../../errors/lifeboat-error.ts';
import type { DeadLetter } from '../message/dead-letter.ts';

/** A dead-letter queue. Its messages stay in it, hidden, until they are deleted. */
export interface DeadLetterQueue {
  /**
   * Receives up to ten messages and hides them.
   *
   * @param wait milliseconds to wait for a first message, at most 20 s
   * @param hidden milliseconds for which the messages are nobody else's, at most 12 h
   * @throws QueueMissing, QueueForbidden
   */
  receive(options: {
    max: number;
    wait: number;
    hidden: number;
    signal?: AbortSignal;
  }): Promise<DeadLetter[]>;
  /** Deletes messages. @returns those that could not be deleted, with the queue's reason; they come back by themselves */
  delete(letters: readonly DeadLetter[]): Promise<NotDone[]>;
  /** Hides messages for so many milliseconds from now; 0 shows them. @returns those for which it is too late */
  hide(letters: readonly DeadLetter[], milliseconds: number): Promise<NotDone[]>;
  /** @throws QueueMissing, QueueForbidden */
  inspect(): Promise<QueueState>;
}

export interface NotDone {
  readonly letter: DeadLetter;
  readonly reason: string;
}

/** All counts are SQS's approximations. */
export interface QueueState {
  readonly visible: number;
  /** Received and neither deleted nor shown again. */
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
