import { orWait } from '../../backup/or-wait.ts';
import type { Clock } from '../../clock/clock.ts';
import { InstanceNameTaken, InstanceNotAvailable } from './instance-errors.ts';
import { progressOf } from './instance-progress.ts';
import type { InstanceOrigin, Instances, NewInstance, StoredInstance } from './instances.ts';

export interface InstancePorts {
  readonly instances: Instances;
  readonly origin: InstanceOrigin;
  readonly clock: Clock;
  /** From the start of the run until its instance is given up. */
  readonly longestMs: number;
}

export interface InstanceRequest {
  readonly into: NewInstance;
  /** Whether an instance of that name is the one that an earlier attempt of this run asked for. */
  readonly isOurs: (instance: StoredInstance) => boolean;
  /** KMS key of the secret with the master password. */
  readonly secretKey?: string | undefined;
  readonly runStartedAt: Date;
}

/** An instance that can be used: available, with an address and a master password of its own. */
export interface ReadyInstance extends StoredInstance {
  readonly address: { readonly host: string; readonly port: number };
  readonly masterSecret: string;
}

/** How far an instance is. */
export type InstanceAdvanced =
  | { readonly kind: 'complete'; readonly instance: ReadyInstance }
  | { readonly kind: 'waiting'; readonly waitingFor: string };

/**
 * Makes an instance of a recovery point, one step further at each call, and returns at once: asks for it, looks at it, asks for a
 * master password, looks at it. Called again until it is complete. An attempt that was killed at any point leaves nothing that
 * the next call does not find.
 *
 * A quota or throttling is something to wait for.
 *
 * @throws OriginMissing, InstanceRefused, InstanceKeyUnusable, InstanceNameTaken, InstanceNotRestorable, InstanceNotUsable,
 * InstanceNotAvailable
 */
export async function advanceInstance(
  ports: InstancePorts,
  request: InstanceRequest,
): Promise<InstanceAdvanced> {
  const advanced = await orWait(() => oneStep(ports, request));
  const limit = request.runStartedAt.getTime() + ports.longestMs;
  if (advanced.kind === 'waiting' && ports.clock.now().getTime() > limit)
    throw new InstanceNotAvailable(
      `instance "${request.into.name}" could not be used after ${ports.longestMs / 3_600_000} hours: ${advanced.waitingFor}`,
      { hint: 'look at its events: aws rds describe-events --source-type db-instance' },
    );
  return advanced;
}

async function oneStep(
  { instances, origin }: InstancePorts,
  { into, isOurs, secretKey }: InstanceRequest,
): Promise<InstanceAdvanced> {
  const waiting = (waitingFor: string): InstanceAdvanced => ({ kind: 'waiting', waitingFor });
  const found = await instances.find(into.name);
  if (found === null) {
    const requested = await origin.restore(into);
    return waiting(requested.kind === 'begun' ? `${instances.region}: creating` : requested.because);
  }
  if (!isOurs(found))
    throw new InstanceNameTaken(
      `instance "${into.name}" in ${instances.region} has other tags than this run's`,
      { hint: 'find out who made it; nothing was done to it' },
    );
  const progress = progressOf(found, origin.named);
  if (progress.kind === 'impossible') throw progress.error;
  if (progress.kind === 'waiting') return waiting(`${instances.region}: ${progress.because}`);
  const { address, masterSecret, managesPassword } = found;
  if (!managesPassword) {
    const requested = await instances.managePassword(into.name, secretKey);
    return waiting(requested.kind === 'begun' ? 'RDS makes a master password of its own' : requested.because);
  }
  if (masterSecret === null) return waiting('RDS prepares the secret with the master password');
  if (address === null) return waiting('RDS gives it an address');
  return { kind: 'complete', instance: { ...found, address, masterSecret } };
}
