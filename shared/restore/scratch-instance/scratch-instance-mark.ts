import { createHash } from 'node:crypto';
import type { StoredInstance } from '../instance/instances.ts';
import type { ScratchRun } from '../scratch.ts';

/** Only instances of this prefix can be deleted, by the code and by the role (resources/instance-permissions.ts). */
export const SCRATCH_INSTANCE_PREFIX = 'lifeboat-scratch-';

/** The tag that permissions to change and to delete depend on. Its value is the name of the stack. */
export const SCRATCH_TAG = 'lifeboat:scratch';

const TAG = {
  deployment: SCRATCH_TAG,
  workload: 'lifeboat:workload',
  run: 'lifeboat:run',
  expiresAt: 'lifeboat:expires-at',
} as const;

/** What an instance loses when it is handed over: nothing may change or delete it from then on. */
export const LOST_AT_HAND_OVER = [TAG.deployment, TAG.expiresAt] as const;

/** What says on an instance itself whose it is. */
export interface ScratchInstanceMark {
  /** The name of the stack. Two stages of a workload can share an account. */
  readonly deployment: string;
  readonly workload: string;
  /** A hash of the run's id. */
  readonly run: string;
  readonly expiresAt: Date;
}

/** The instance's name: the same for every attempt of a run. */
export function scratchInstanceName(deployment: string, runId: string): string {
  return `${SCRATCH_INSTANCE_PREFIX}${hash(`${deployment}/${runId}`)}`;
}

/** The tags of a run's instance. */
export function scratchInstanceTags(deployment: string, run: ScratchRun): Record<string, string> {
  return {
    [TAG.deployment]: deployment,
    [TAG.workload]: run.workload,
    [TAG.run]: runInTag(run.runId),
    [TAG.expiresAt]: run.expiresAt.toISOString(),
  };
}

/** The mark of an instance; null if it has none, or only a part of one. */
export function readInstanceMark({ tags }: Pick<StoredInstance, 'tags'>): ScratchInstanceMark | null {
  const { [TAG.deployment]: deployment, [TAG.workload]: workload, [TAG.run]: run } = tags;
  const expiresAt = new Date(tags[TAG.expiresAt] ?? '');
  if (!deployment || !workload || !run || Number.isNaN(expiresAt.getTime())) return null;
  return { deployment, workload, run, expiresAt };
}

/** Whether an instance is the scratch of that very run: by its name, and by its mark. Nothing else may be deleted. */
export function isScratchOfRun(instance: StoredInstance, deployment: string, runId: string): boolean {
  const mark = readInstanceMark(instance);
  return (
    instance.name === scratchInstanceName(deployment, runId) &&
    mark?.deployment === deployment &&
    mark.run === runInTag(runId)
  );
}

/** How a tag names a run: it cannot hold every character of a run's id. */
export function runInTag(runId: string): string {
  return hash(runId);
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
