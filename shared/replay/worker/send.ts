import type { LimitFunction } from 'p-limit';
import type { DeadLetter } from '../message/dead-letter.ts';
import { type Delivered, type DeliveryPorts, deliver } from './deliver.ts';
import type { Endings } from './endings.ts';
import { delivered, type Outcome, returned } from './message-outcome.ts';
import type { SendingPolicy } from './sending-policy.ts';

export interface SendPorts {
  readonly slots: LimitFunction;
  readonly delivery: DeliveryPorts;
  readonly policy: Pick<SendingPolicy, 'after'>;
  readonly endings: Pick<Endings, 'end' | 'stop'>;
  /** Told why the target did not accept a message. */
  readonly onFailure: (reason: string) => void;
}

/**
 * Sends one claimed message as soon as a slot is free, and ends the worker where the policy or the failure ratio says so.
 *
 * @param unknown an earlier attempt may have reached the target
 * @throws what recording a repeated request throws; the signal's reason
 */
export async function send(
  { slots, delivery, policy, endings, onFailure }: SendPorts,
  message: { readonly message: DeadLetter; readonly key: string; readonly unknown: boolean },
  signal: AbortSignal,
): Promise<Delivered> {
  const result = await slots(() => deliver(delivery, message, signal));
  if (result.as !== 'accepted' && result.attempts > 0) onFailure(result.reason);
  const ending = policy.after(result);
  if (ending !== null) endings.end(ending.ended, ending.reason);
  const exceeded = delivery.ratio.exceeded();
  if (exceeded !== null) endings.stop(exceeded);
  return result;
}

/** What becomes of a message that was not refused. A failure leaves its key free; an unknown one, free as unknown. */
export function outcomeOf(key: string, delivery: Exclude<Delivered, { as: 'refused' }>): Outcome {
  if (delivery.as === 'accepted') return delivered(key);
  const reason = delivery.attempts === 0 ? 'unsent' : delivery.unknown ? 'unknown' : 'failed';
  return returned(reason, { key, as: delivery.unknown ? 'unknown' : 'open' });
}
