import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Clock } from '../../clock/clock.ts';
import type { Target as PlannedTarget } from '../../plan/queue-schema.ts';
import type { Target } from '../target.ts';
import type { Account } from './send-once.ts';

/** What a target stands on. */
export interface TargetPorts {
  readonly secrets: SecretsManagerClient;
  readonly clock: Clock;
  /** The environment's account and Region, unless told otherwise. */
  readonly account?: Account;
}

/** How a target is used. */
export interface TargetUse {
  /** Name of the dead-letter queue whose messages it is sent. */
  readonly deadLetters: string;
  /** Deliveries at the same time. */
  readonly inFlight: number;
}

/**
 * Makes ready where the plan sends a queue's messages: secrets are read, names are looked up, nothing is sent.
 *
 * @throws TargetMisconfigured when it cannot be used as it is, with what to change
 */
export async function openTarget(
  _target: PlannedTarget,
  _use: TargetUse,
  _ports: TargetPorts,
): Promise<Target> {
  throw new Error('no target yet');
}

/** Milliseconds that one delivery can take: a lease must be longer. */
export function longestDelivery(target: PlannedTarget): number {
  if ('webhook' in target) return target.webhook.timeout;
  return 'function' in target ? 5 * 60_000 : 30_000;
}
