import { randomBytes } from 'node:crypto';
import { orWait } from '../backup/or-wait.ts';
import type { Clock } from '../clock/clock.ts';
import { LifeboatError } from '../errors/lifeboat-error.ts';
import { progressOf } from '../restore/instance/instance-progress.ts';
import type { Instances, StoredInstance } from '../restore/instance/instances.ts';
import { ScratchMissing, ScratchNotOurs } from '../restore/scratch.ts';
import {
  isScratchOfRun,
  LOST_AT_HAND_OVER,
  SCRATCH_TAG,
  scratchInstanceName,
} from '../restore/scratch-instance/scratch-instance-mark.ts';
import type { ConnectionKeeper } from './restored-database.ts';
import {
  nameForInstance,
  type RestoredInstanceMark,
  type RestoringRun,
  restoredInstanceTags,
} from './restored-instance-mark.ts';

/** An instance did not get its name, its password and its protection in time. */
export class InstanceNotHandedOver extends LifeboatError {
  override readonly name = 'InstanceNotHandedOver';
  override readonly kind = 'incomplete';
}

export interface InstanceHandOverPorts {
  readonly instances: Instances;
  readonly keeper: ConnectionKeeper;
  readonly clock: Clock;
  /** From the first call until the hand-over is given up. */
  readonly longestMs: number;
}

export interface InstanceHandOver {
  readonly run: RestoringRun;
  /** The name that it gets. */
  readonly name: string;
  /** Null where an earlier attempt of the run gave it its name: then the instance says it. */
  readonly mark: RestoredInstanceMark | null;
  /** The database that connection details lead to; the one it was created with if absent. */
  readonly database?: string | undefined;
  /** When the hand-over was first asked for; null at the first call. */
  readonly since: Date | null;
}

/** How far a hand-over is. */
export type InstanceHandOverAdvanced =
  | {
      readonly kind: 'complete';
      readonly mark: RestoredInstanceMark;
      readonly address: { readonly host: string; readonly port: number };
      readonly database: string;
      readonly login: string;
    }
  | { readonly kind: 'waiting'; readonly waitingFor: string };

/**
 * Hands a validated instance over, one step further at each call, and returns at once. It is protected from deletion in the request
 * that gives it its name. Then it gets a new master password, which is kept in a secret. Last it loses the mark of a scratch, by
 * which alone Lifeboat may change it.
 *
 * A call that was killed at any point leaves nothing that the next call does not find. The secret is written once RDS took its
 * password, so an attempt that finds it leaves the password alone.
 *
 * @throws NameTaken, NameUnusable, ScratchMissing, ScratchNotOurs, InstanceNotUsable, InstanceRefused, InstanceNotHandedOver; what `keep` throws
 */
export async function advanceInstanceHandOver(
  ports: InstanceHandOverPorts,
  request: InstanceHandOver,
): Promise<InstanceHandOverAdvanced> {
  const { clock, longestMs } = ports;
  const advanced = await orWait(() => oneStep(ports, request));
  if (
    advanced.kind === 'waiting' &&
    request.since !== null &&
    clock.now().getTime() > request.since.getTime() + longestMs
  )
    throw new InstanceNotHandedOver(
      `instance "${request.name}" was not handed over after ${longestMs / 60_000} minutes: ${advanced.waitingFor}`,
      { hint: 'look at its events: aws rds describe-events --source-type db-instance' },
    );
  return advanced;
}

async function oneStep(
  ports: InstanceHandOverPorts,
  request: InstanceHandOver,
): Promise<InstanceHandOverAdvanced> {
  const { name, run } = request;
  const named = await ports.instances.find(name);
  const mark = nameForInstance(name, named, run);
  return named && mark ? openNamed(ports, request, named, mark) : giveName(ports, request);
}

const waiting = (waitingFor: string): InstanceHandOverAdvanced => ({ kind: 'waiting', waitingFor });

async function giveName(
  { instances }: InstanceHandOverPorts,
  { run, name, mark, since }: InstanceHandOver,
): Promise<InstanceHandOverAdvanced> {
  const scratch = scratchInstanceName(run.deployment, run.runId);
  const copy = await instances.find(scratch);
  if (copy === null) {
    // While RDS renames an instance, it may be found under neither name.
    if (since !== null) return waiting('RDS renames it');
    throw new ScratchMissing(`the instance "${scratch}" of this run is gone: it was swept or deleted`);
  }
  if (!isScratchOfRun(copy, run.deployment, run.runId) || mark === null)
    throw new ScratchNotOurs(
      `instance "${scratch}" in ${instances.region} is not known to be validated by this run; nothing was done to it`,
    );
  const progress = progressOf(copy, `run "${run.runId}"`);
  if (progress.kind === 'impossible') throw progress.error;
  if (progress.kind === 'waiting') return waiting(progress.because);
  // Before its name: an attempt that finds it under its name must know that it is the run's.
  const tagged = await instances.tag(copy.arn, restoredInstanceTags(run, mark));
  if (tagged.kind === 'refused') return waiting(tagged.because);
  const renamed = await instances.renameAndProtect(scratch, name);
  return waiting(renamed.kind === 'begun' ? `RDS renames it to ${name}` : renamed.because);
}

async function openNamed(
  { instances, keeper }: InstanceHandOverPorts,
  { name, database: planned }: InstanceHandOver,
  named: StoredInstance,
  mark: RestoredInstanceMark,
): Promise<InstanceHandOverAdvanced> {
  const progress = progressOf(named, `"${name}"`);
  if (progress.kind === 'impossible') throw progress.error;
  if (progress.kind === 'waiting') return waiting(progress.because);
  const { address, masterUser: login } = named;
  const database = planned ?? named.database ?? '';
  if (address === null) return waiting('RDS gives it an address');
  if (!(await keeper.isKept())) {
    const password = randomBytes(24).toString('base64url');
    const requested = await instances.setPassword(name, password);
    if (requested.kind === 'refused') return waiting(requested.because);
    await keeper.keep({ ...address, username: login, password, dbname: database });
    return waiting('RDS sets its new master password');
  }
  if (named.managesPassword) return waiting('RDS sets its new master password');
  if (SCRATCH_TAG in named.tags) {
    const untagged = await instances.untag(named.arn, LOST_AT_HAND_OVER);
    if (untagged.kind === 'refused') return waiting(untagged.because);
  }
  return { kind: 'complete', mark, address, database, login };
}
