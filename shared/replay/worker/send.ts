import type { LimitFunction } from 'p-limit';
import type { EarlierFailures } from '../../ledger/ledger.ts';
import type { DeadLetter } from '../message/dead-letter.ts';
import { ATTEMPTS, type Delivered, type DeliveryPorts, deliver, type NotAccepted } from './deliver.ts';
import type { Endings } from './endings.ts';
import { judgeFailure } from './judge-failure.ts';
import { type Outcome, returned } from './message-outcome.ts';
import type { SendingPolicy } from './sending-policy.ts';

export interface SendPorts {
  readonly slots: LimitFunction;
  readonly delivery: DeliveryPorts;
  readonly policy: Pick<SendingPolicy, 'after' | 'acceptsOthers'>;
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
  message: {
    readonly message: DeadLetter;
    readonly key: string;
    readonly unknown: boolean;
  } & EarlierFailures,
  signal: AbortSignal,
): Promise<Delivered> {
  const result = await slots(() => deliver(delivery, message, signal));
  if (result.as !== 'accepted' && result.attempts > 0) onFailure(result.reason);
  const ending = policy.after(result, message);
  if (ending !== null) endings.end(ending.ended, ending.reason);
  const exceeded = delivery.ratio.exceeded();
  if (exceeded !== null) endings.stop(exceeded);
  return result;
}

/**
 * What becomes of a message that the target did not accept; null for one that belongs into quarantine, because the target refuses it, or fails
 * it and accepts others. A failure leaves its key free; an unknown one, free as unknown.
 */
export function outcomeOf(
  { key, failedBefore, failedRuns }: { readonly key: string } & EarlierFailures,
  delivery: NotAccepted,
  acceptsOthers: boolean,
): Outcome | null {
  if (delivery.as === 'refused') return null;
  const as = delivery.unknown ? 'unknown' : 'open';
  if (delivery.attempts === 0) return returned('unsent', { key, as });
  const reason = delivery.unknown ? 'unknown' : 'failed';
  // A worker that ends gives up before the last attempt, which says nothing of the message.
  if (delivery.attempts < ATTEMPTS) return returned(reason, { key, as });
  const judged = judgeFailure({ failedRuns, acceptsOthers });
  if (judged === 'quarantine') return null;
  const failure = { failedBefore, failedRuns, acceptsOthers };
  return returned(judged === 'return-suspect' ? 'suspect' : reason, { key, as, failure });
}
