import type { Timer } from '../../clock/clock.ts';
import { backoffMs } from '../../clock/retry.ts';
import type { RateLimit } from '../../concurrency/rate-limit.ts';
import { DELIVERY_BACKOFF } from '../../delivery/backoff.ts';
import type { OutgoingMessage } from '../../delivery/outgoing-message.ts';
import type { Delivery, Target } from '../../delivery/target.ts';
import type { FailureRatio } from './failure-ratio.ts';
import type { OutcomeRecorder } from './outcome-recorder.ts';

/**
 * How the deliveries of one message ended. `unknown`: one of them, or one of an earlier run, may have taken effect.
 * `attempts`: requests made.
 */
export type Delivered =
  | { readonly as: 'accepted'; readonly attempts: number }
  | {
      readonly as: 'refused';
      readonly reason: string;
      readonly unknown: boolean;
      readonly attempts: number;
    }
  | { readonly as: 'failed'; readonly reason: string; readonly unknown: boolean; readonly attempts: number };

export type NotAccepted = Exclude<Delivered, { as: 'accepted' }>;

export interface DeliveryPorts {
  readonly target: Target;
  readonly rateLimit: RateLimit;
  readonly ratio: FailureRatio;
  readonly clock: Timer;
  /** Told before each request. A request after one that may have taken effect must be counted before it is made. */
  readonly recorder: Pick<OutcomeRecorder, 'sending' | 'resending'>;
  /** Fires when the worker ends, or when the signal does: nothing more is sent, and all waits end. */
  readonly ending: AbortSignal;
}

/** Requests for one message before it goes back to the queue. */
export const ATTEMPTS = 5;

/**
 * Delivers one message. While the target fails, it is sent again, more slowly each time; never after the target accepted or
 * refused it.
 *
 * @param unknown an earlier run of this message may have reached the target
 * @throws what recording a repeated request throws; the signal's reason
 */
export async function deliver(
  { target, rateLimit, ratio, clock, recorder, ending }: DeliveryPorts,
  { message, key, ...earlier }: { message: OutgoingMessage; key: string; unknown: boolean },
  signal: AbortSignal,
): Promise<Delivered> {
  let { unknown } = earlier;
  let reason = 'the replay stopped before it was sent';
  /** Waits. If the worker ends meanwhile, the wait is over and nothing is thrown. */
  const wait = (waited: Promise<void>) =>
    waited.catch((error) => {
      if (signal.aborted || !ending.aborted) throw error;
    });
  for (let attempts = 0; ; ) {
    if (attempts < ATTEMPTS) await wait(rateLimit.wait(ending));
    if (attempts === ATTEMPTS || ending.aborted) return { as: 'failed', reason, unknown, attempts };
    if (unknown) await recorder.resending();
    recorder.sending();
    attempts++;
    const delivery: Delivery = await target.deliver(message, key, signal);
    ratio.record(delivery.outcome === 'accepted');
    if (delivery.outcome === 'accepted') {
      rateLimit.speedUp();
      return { as: 'accepted', attempts };
    }
    reason = delivery.reason;
    if (delivery.outcome === 'refused') return { as: 'refused', reason, unknown, attempts };
    unknown ||= delivery.outcome === 'unknown';
    if (delivery.slowDown) rateLimit.slowDown(delivery.retryAfter);
    if (attempts < ATTEMPTS)
      await wait(clock.sleep(backoffMs(DELIVERY_BACKOFF, attempts, Math.random()), ending));
  }
}
