import type { Timer } from '../../clock/clock.ts';
import { advanceInstance, type InstancePorts, type ReadyInstance } from '../instance/advance-instance.ts';
import type { Instances, NewInstance } from '../instance/instances.ts';
import type { Disposal, ScratchRun, Sweep } from '../scratch.ts';
import { advanceDeletion } from './advance-deletion.ts';
import {
  isScratchOfRun,
  readInstanceMark,
  SCRATCH_INSTANCE_PREFIX,
  scratchInstanceName,
  scratchInstanceTags,
} from './scratch-instance-mark.ts';

/** What the plan says of a scratch instance. */
export type ScratchInstanceShape = Pick<
  NewInstance,
  'class' | 'subnetGroup' | 'securityGroups' | 'parameterGroup' | 'optionGroup'
>;

/** The instance that a run restores into: named and tagged so that it can be deleted, and keeping no backups of its own. */
export function newScratchInstance(
  deployment: string,
  run: ScratchRun,
  shape: ScratchInstanceShape,
): NewInstance {
  return {
    ...shape,
    name: scratchInstanceName(deployment, run.runId),
    tags: scratchInstanceTags(deployment, run),
    deletionProtection: false,
    backupDays: 0,
    multiAz: false,
    minorUpgrades: false,
    copiesTags: false,
  };
}

export interface ScratchInstancePorts {
  readonly instances: Instances;
  /** The name of the stack. */
  readonly deployment: string;
  readonly clock: Timer;
  readonly pollMs: number;
  /** For a creation, and for a deletion. */
  readonly longestMs: number;
}

/** Scratch instances of one Region. The mark of a run is in the instance's tags. */
export interface ScratchInstances extends Disposal {
  /**
   * Makes the run's instance of a recovery point, or adopts the one that an earlier attempt asked for. The state machine waits
   * between two looks (see `advanceInstance`); this waits here.
   *
   * @throws as `advanceInstance`
   */
  create(
    run: ScratchRun & { readonly startedAt: Date },
    origin: InstancePorts['origin'],
    shape: ScratchInstanceShape,
  ): Promise<ReadyInstance>;
}

export function scratchInstances(ports: ScratchInstancePorts): ScratchInstances {
  const { instances, deployment, clock, pollMs, longestMs } = ports;
  return {
    async create(run, origin, shape) {
      const into = newScratchInstance(deployment, run, shape);
      for (;;) {
        const advanced = await advanceInstance(
          { instances, origin, clock, longestMs },
          {
            into,
            isOurs: (found) => isScratchOfRun(found, deployment, run.runId),
            runStartedAt: run.startedAt,
          },
        );
        if (advanced.kind === 'complete') return advanced.instance;
        await clock.sleep(pollMs);
      }
    },
    async drop(runId) {
      const since = clock.now();
      for (let looks = 0; ; looks += 1) {
        const deleted = await advanceDeletion(ports, { runId, since });
        if (deleted.kind === 'gone') return { dropped: looks > 0 };
        await clock.sleep(pollMs);
      }
    },
    sweep: (workload, now) => sweepInstances(ports, workload, now),
  };
}

/**
 * Asks RDS to delete every marked instance that is past its expiry. One that RDS cannot delete now, because it still creates it,
 * counts as failed: the next sweep tries again.
 */
export async function sweepInstances(
  { instances, deployment }: Pick<ScratchInstancePorts, 'instances' | 'deployment'>,
  workload: string,
  now: Date,
): Promise<Sweep> {
  const dropped: string[] = [];
  const kept: string[] = [];
  const unmarked: string[] = [];
  const failed: { name: string; reason: string }[] = [];
  for (const instance of await instances.list(SCRATCH_INSTANCE_PREFIX)) {
    const { name, status } = instance;
    const mark = readInstanceMark(instance);
    if (!mark) unmarked.push(name);
    else if (mark.deployment !== deployment || mark.workload !== workload || mark.expiresAt > now)
      kept.push(name);
    else if (status === 'deleting') dropped.push(name);
    else
      try {
        const requested = await instances.delete(name);
        if (requested.kind === 'begun') dropped.push(name);
        else failed.push({ name, reason: `it is ${status}; ${requested.because}` });
      } catch (error) {
        failed.push({ name, reason: error instanceof Error ? error.message : String(error) });
      }
  }
  return { dropped, kept, unmarked, failed };
}
