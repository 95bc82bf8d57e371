import { orWait } from '../../backup/or-wait.ts';
import type { Clock } from '../../clock/clock.ts';
import type { Instances } from '../instance/instances.ts';
import { ScratchNotDeleted, ScratchNotOurs } from '../scratch.ts';
import { isScratchOfRun, scratchInstanceName } from './scratch-instance-mark.ts';

export interface DeletionPorts {
  readonly instances: Instances;
  readonly clock: Clock;
  /** The name of the stack. */
  readonly deployment: string;
  /** From the first attempt until the deletion is given up to the sweeper. */
  readonly longestMs: number;
}

/** How far a deletion is. */
export type Deleted = { readonly kind: 'gone' } | { readonly kind: 'waiting'; readonly waitingFor: string };

/**
 * Deletes the scratch instance of a run, one step further at each call, and returns at once. RDS deletes no instance that it
 * still creates or changes, so that a call may have to wait. A missing instance is gone.
 *
 * @param request.since when the deletion was first asked for
 * @throws ScratchNotOurs if the instance of that name lacks the mark of this run; ScratchNotDeleted after `longestMs`
 */
export async function advanceDeletion(
  { instances, clock, deployment, longestMs }: DeletionPorts,
  { runId, since }: { runId: string; since: Date },
): Promise<Deleted> {
  const name = scratchInstanceName(deployment, runId);
  const deleted = await orWait(() => oneStep(instances, deployment, runId));
  if (deleted.kind === 'waiting' && clock.now().getTime() > since.getTime() + longestMs)
    throw new ScratchNotDeleted(
      `instance "${name}" in ${instances.region} was not deleted after ${longestMs / 60_000} minutes: ${deleted.waitingFor}`,
      { hint: 'the sweep tries again once it has expired; it costs money until then' },
    );
  return deleted;
}

async function oneStep(instances: Instances, deployment: string, runId: string): Promise<Deleted> {
  const name = scratchInstanceName(deployment, runId);
  const found = await instances.find(name);
  if (found === null) return { kind: 'gone' };
  if (!isScratchOfRun(found, deployment, runId))
    throw new ScratchNotOurs(
      `instance "${name}" in ${instances.region} has no tags of this run: look at it, and delete it by hand if it is a leftover`,
    );
  const begun: Deleted = { kind: 'waiting', waitingFor: 'RDS deletes it' };
  if (found.status === 'deleting') return begun;
  const requested = await instances.delete(name);
  return requested.kind === 'begun'
    ? begun
    : { kind: 'waiting', waitingFor: `it is ${found.status}; ${requested.because}` };
}
