import type * as z from 'zod';
import { NameTaken } from '../database/engine.ts';
import type { StoredInstance } from '../restore/instance/instances.ts';
import { runInTag, SCRATCH_INSTANCE_PREFIX } from '../restore/scratch-instance/scratch-instance-mark.ts';
import type { RestoreValidated } from '../validation/step-answers.ts';
import { NameUnusable } from './restored-mark.ts';

const TAG = {
  /** The name of the stack. */
  deployment: 'lifeboat:restored',
  workload: 'lifeboat:workload',
  run: 'lifeboat:run',
  recoveryPoint: 'lifeboat:recovery-point',
  recoveredTo: 'lifeboat:recovered-to',
  validatedFrom: 'lifeboat:validated-from',
  validatedAt: 'lifeboat:validated-at',
  checks: 'lifeboat:checks',
  /** The execution that left them. */
  checkedBy: 'lifeboat:checked-by',
} as const;

/** What an instance that a restore handed over says of itself. Lifeboat can change and delete none. */
export interface RestoredInstanceMark {
  readonly recoveryPoint: string;
  /** What the validation found, so that an attempt that follows a killed one need not repeat it. */
  readonly validated: z.output<typeof RestoreValidated>;
}

/** The run that an instance is restored by. */
export interface RestoringRun {
  /** The name of the stack. */
  readonly deployment: string;
  readonly workload: string;
  readonly runId: string;
}

/** The mark as tags. A tag cannot hold the words of a verdict, so that they are written anew from the number of checks. */
export function restoredInstanceTags(
  { deployment, workload, runId }: RestoringRun,
  { recoveryPoint, validated }: RestoredInstanceMark,
): Record<string, string> {
  return {
    [TAG.deployment]: deployment,
    [TAG.workload]: workload,
    [TAG.run]: runInTag(runId),
    [TAG.recoveryPoint]: recoveryPoint,
    [TAG.recoveredTo]: validated.recoveredTo ?? '',
    [TAG.validatedFrom]: validated.startedAt,
    [TAG.validatedAt]: validated.finishedAt,
    [TAG.checks]: String(validated.checks),
    [TAG.checkedBy]: validated.runStartedAt ?? '',
  };
}

/**
 * Decides whether a restore may go into an instance of that name: only where the name is free, or the run itself gave it.
 *
 * @param found what RDS has under that name; null if the name is free
 * @returns the mark of the run's own instance; null if the name is free
 * @throws NameTaken, NameUnusable
 */
export function nameForInstance(
  name: string,
  found: StoredInstance | null,
  run: Pick<RestoringRun, 'deployment' | 'runId'>,
): RestoredInstanceMark | null {
  requireInstanceName(name);
  if (!found) return null;
  const mark = markOf(found, run);
  if (mark) return mark;
  throw new NameTaken(`an RDS instance "${name}" exists. Nothing was touched`);
}

/**
 * Refuses what RDS takes as no name, and what the sweeper would look at. RDS would change upper case by itself, and the instance would
 * be found under another name than was asked for.
 * https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_RestoreDBInstanceFromDBSnapshot.html
 *
 * @throws NameUnusable
 */
export function requireInstanceName(name: string): void {
  const quoted = JSON.stringify(name);
  if (!/^[a-z](?:-?[a-z0-9])*$/.test(name) || name.length > 63)
    throw new NameUnusable(
      `no RDS instance can be named ${quoted}: expected at most 63 lower-case letters, digits and single hyphens, a letter first and no hyphen last`,
    );
  if (name.startsWith(SCRATCH_INSTANCE_PREFIX))
    throw new NameUnusable(
      `${quoted} cannot be restored into: names with "${SCRATCH_INSTANCE_PREFIX}" are reserved`,
    );
}

function markOf(
  { tags }: StoredInstance,
  { deployment, runId }: Pick<RestoringRun, 'deployment' | 'runId'>,
): RestoredInstanceMark | null {
  if (tags[TAG.deployment] !== deployment || tags[TAG.run] !== runInTag(runId)) return null;
  const checks = Number(tags[TAG.checks]);
  return {
    recoveryPoint: tags[TAG.recoveryPoint] ?? '',
    validated: {
      verdict: 'verified',
      reason: `${checks} checks were stored by an earlier attempt of this run, and it was verified`,
      checks,
      ...(tags[TAG.checkedBy] && { runStartedAt: tags[TAG.checkedBy] }),
      recoveredTo: tags[TAG.recoveredTo] || null,
      startedAt: tags[TAG.validatedFrom] ?? '',
      finishedAt: tags[TAG.validatedAt] ?? '',
    },
  };
}
