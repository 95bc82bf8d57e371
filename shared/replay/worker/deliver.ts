import type { Timer } from '../../clock/clock.ts';
import type { Pace } from '../../concurrency/rate-limit.ts';
import type { Delivery, Target } from '../../delivery/target.ts';
import type { DeadLetter } from '../message/dead-letter.ts';
import type { FailureRatio } from './failure-ratio.ts';
import type { Book } from './outcome-recorder.ts';

/** How the deliveries of one message ended. `unknown`: an earlier one may have taken effect. `attempts`: requests made. */
export type Delivered =
  | { readonly as: 'accepted'; readonly attempts: number }
  | {
      readonly as: 'refused';
      readonly reason: string;
      readonly unknown: boolean;
      readonly attempts: number;
    }
  | { readonly as: 'failed'; readonly reason: string; readonly unknown: boolean; readonly attempts: number };

export interface DeliveryPorts {
  readonly target: Target;
  readonly pace: Pace;
  readonly ratio: FailureRatio;
  readonly clock: Timer;
  /** Told of each request before it, and of each after one that may have taken effect, which must be counted first. */
  readonly book: Pick<Book, 'sending' | 'resending'>;
  /** Fires when the worker is ending, and when the signal does: nothing more is sent, and nobody waits to send. */
  readonly ending: AbortSignal;
}

/** Requests for one message before it goes back to the queue. */
const ATTEMPTS = 5;

const FIRST_BACKOFF_MS = 250;
const LONGEST_BACKOFF_MS = 10_000;

/**
 * Delivers one message: tried again, slower, while the target fails, and never after it accepted or refused.
 *
 * @param unknown an earlier run of this message may have reached the target
 */
export async function deliver(
  { target, pace, ratio, clock, book, ending }: DeliveryPorts,
  message: { message: DeadLetter; key: string; unknown: boolean },
  signal: AbortSignal,
): Promise<Delivered> {
  let { unknown } = message;
  let reason = 'the replay stopped before it was sent';
  /** Waits; it ends early, and without a word, when the worker does. */
  const wait = (waited: Promise<void>) =>
    waited.catch((error) => {
      if (signal.aborted || !ending.aborted) throw error;
    });
  for (let attempts = 0; ; ) {
    if (attempts < ATTEMPTS) await wait(pace.turn(ending));
    if (attempts === ATTEMPTS || ending.aborted) return { as: 'failed', reason, unknown, attempts };
    if (unknown) await book.resending();
    book.sending();
    attempts++;
    const delivery: Delivery = await target.deliver(message.message, message.key, signal);
    ratio.record(delivery.outcome === 'accepted');
    if (delivery.outcome === 'accepted') {
      pace.faster();
      return { as: 'accepted', attempts };
    }
    reason = delivery.reason;
    if (delivery.outcome === 'refused') return { as: 'refused', reason, unknown, attempts };
    unknown ||= delivery.outcome === 'unknown';
    if (delivery.slowDown) pace.slower(delivery.retryAfter);
    if (attempts < ATTEMPTS) await wait(clock.sleep(backoff(attempts, Math.random()), ending));
  }
}

/** Doubles with each attempt; a random part of it, so that messages that failed together do not come together again. */
export function backoff(attempt: number, random: number): number {
  const longest = Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (attempt - 1));
  return longest * (0.5 + random / 2);
}
