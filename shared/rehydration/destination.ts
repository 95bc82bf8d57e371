import { LifeboatError } from '../errors/lifeboat-error.ts';
import type { Message } from './message.ts';

/** A destination that receives each message once. */
export interface Destination {
  readonly rules: Rules;
  /** Which of the messages it has already received, in their order. Changes nothing. */
  known(messages: readonly Message[]): Promise<boolean[]>;
  /**
   * Sends the messages that the destination has not received yet. Waits for all of them, even if one fails.
   * Outcomes are in the order of the messages.
   *
   * @throws when the destination or its record of ids is unavailable. Sent messages stay recorded, and the
   * next attempt does not send them again.
   */
  put(messages: readonly Message[], signal: AbortSignal): Promise<Put[]>;
  close(): Promise<void>;
}

export type Put =
  /** `resent`: an earlier attempt may have sent it too, so it may be there twice. */
  | { readonly outcome: 'sent'; readonly resent: boolean }
  | { readonly outcome: 'already-sent' }
  /** It is unknown whether the message arrived. The next attempt tries again. */
  | { readonly outcome: 'failed'; readonly reason: string };

/** The destination's requirements for a message. */
export interface Rules {
  /** Bytes of key and body together. */
  readonly bytes: number;
  /** Each message belongs to a group. */
  readonly fifo: boolean;
  /** Text may hold no control characters except tab and line breaks. */
  readonly plainText: boolean;
}

/** The destination did not respond. It remembers what it received, so running again is safe. */
export class DestinationUnavailable extends LifeboatError {
  override readonly name = 'DestinationUnavailable';
  override readonly kind = 'unavailable';
  override readonly retryable = true;
}
