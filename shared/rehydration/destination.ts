import { LifeboatError } from '../errors/lifeboat-error.ts';
import type { Message } from './message.ts';

/** Where messages go, once each. */
export interface Destination {
  readonly rules: Rules;
  /** Which of the messages it was given already, in their order. Changes nothing. */
  known(messages: readonly Message[]): Promise<boolean[]>;
  /**
   * Puts messages there that it was never given before. Waits for all of them, also when one fails. Outcomes stand in the
   * order of the messages.
   *
   * @throws when it is away, or its memory of what it was given: what was put is remembered, and is not put again by the next attempt
   */
  put(messages: readonly Message[], signal: AbortSignal): Promise<Put[]>;
  close(): Promise<void>;
}

export type Put =
  /** `resent`: an earlier attempt may have put it too, and then it is there twice. */
  | { readonly outcome: 'sent'; readonly resent: boolean }
  | { readonly outcome: 'already-sent' }
  /** It is not known to be there. The next attempt tries again. */
  | { readonly outcome: 'failed'; readonly reason: string };

/** What a message for it must be. */
export interface Rules {
  /** Bytes of key and body together. */
  readonly bytes: number;
  /** Each message belongs to a group. */
  readonly fifo: boolean;
  /** Text without control characters other than tab and line breaks. */
  readonly plainText: boolean;
}

/** The destination did not answer. What it was given, it remembers: run again. */
export class DestinationUnavailable extends LifeboatError {
  override readonly name = 'DestinationUnavailable';
  override readonly kind = 'unavailable';
  override readonly retryable = true;
}
