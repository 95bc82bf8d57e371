import { createHash } from 'node:crypto';
import type { BackupPlace } from '../place.ts';
import { type InstanceSettings, settingsAsTags } from './instance-settings.ts';
import type { StoredSnapshot } from './snapshots.ts';

/** The backup of one deployment. Two stages of a workload can share an account. */
export interface DeployedBackup extends BackupPlace {
  /** The name of the stack. */
  readonly deployment: string;
}

/** The tag that permissions to delete depend on (functions/backup/permissions.ts). */
export const DEPLOYMENT_TAG = 'lifeboat:deployment';

const TAG = {
  deployment: DEPLOYMENT_TAG,
  database: 'lifeboat:database',
  backup: 'lifeboat:backup',
  run: 'lifeboat:run',
  runStartedAt: 'lifeboat:run-started-at',
  keptUntil: 'lifeboat:kept-until',
  label: 'lifeboat:label',
} as const;

/**
 * The name of a run's snapshot. It depends only on the run's id, so that every attempt asks for the same snapshot, even an
 * execution that was started a second time.
 *
 * At most 255 letters, digits and hyphens, no two hyphens in a row; RDS stores it in lower case.
 * https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBSnapshot.html
 */
export function snapshotName(of: DeployedBackup, runId: string): string {
  return nameOf(of, runMark(runId));
}

/** The name of the snapshot that a recovery point is. */
export function nameOfPoint(of: DeployedBackup, id: string): string {
  return nameOf(of, id.split('-')[1] ?? '');
}

function nameOf({ deployment, database, backup }: DeployedBackup, mark: string): string {
  return [deployment, database, backup, mark].join('-').toLowerCase().replace(/-+/g, '-').replace(/-$/, '');
}

/** The id of the recovery point that a snapshot is: when its run was started, and which run it was. Ids sort by time as text. */
export function pointId({ tags }: StoredSnapshot, { runStartedAt }: { runStartedAt: Date }): string {
  return `${runStartedAt.toISOString().replace(/[-:]|\.\d+/g, '')}-${tags[TAG.run]}`;
}

/** What a snapshot says of itself. */
export interface SnapshotTags extends DeployedBackup {
  readonly runId: string;
  readonly runStartedAt: Date;
  /** Lifeboat does not delete it before. */
  readonly keptUntil: Date;
  /** What a person calls it. */
  readonly label?: string | null | undefined;
  /** What the instance was like; null where that is not known. A restore has to ask for it again. */
  readonly settings: InstanceSettings | null;
}

export function tagsOf(tags: SnapshotTags): Record<string, string> {
  return {
    [TAG.deployment]: tags.deployment,
    [TAG.database]: tags.database,
    [TAG.backup]: tags.backup,
    [TAG.run]: runMark(tags.runId),
    [TAG.runStartedAt]: tags.runStartedAt.toISOString(),
    [TAG.keptUntil]: tags.keptUntil.toISOString(),
    ...(tags.label && { [TAG.label]: tags.label }),
    ...(tags.settings && settingsAsTags(tags.settings)),
  };
}

/** Whether a snapshot is of this backup, by its tags. A snapshot of anything else is never listed, copied or deleted. */
export function isOfBackup(
  { tags }: StoredSnapshot,
  { deployment, database, backup }: DeployedBackup,
): boolean {
  return (
    tags[TAG.deployment] === deployment &&
    tags[TAG.database] === database &&
    tags[TAG.backup] === backup &&
    timesOf(tags) !== null
  );
}

/** Whether any deployment of Lifeboat took the snapshot, or a copy of it. */
export function isOfLifeboat({ tags }: StoredSnapshot): boolean {
  return tags[DEPLOYMENT_TAG] !== undefined;
}

/** Whether any attempt of the run took the snapshot. */
export function isOfRun({ tags }: StoredSnapshot, runId: string): boolean {
  return tags[TAG.run] === runMark(runId);
}

/** The times in a snapshot's tags; null if a person changed them. */
export function timesOf(tags: StoredSnapshot['tags']): { runStartedAt: Date; keptUntil: Date } | null {
  const runStartedAt = new Date(tags[TAG.runStartedAt] ?? '');
  const keptUntil = new Date(tags[TAG.keptUntil] ?? '');
  return Number.isNaN(runStartedAt.getTime()) || Number.isNaN(keptUntil.getTime())
    ? null
    : { runStartedAt, keptUntil };
}

/** What a person called it; null if nobody did. */
export function labelOf(tags: StoredSnapshot['tags']): string | null {
  return tags[TAG.label] || null;
}

/** The names of those of our tags that differ between two snapshots. */
export function differingTags(one: StoredSnapshot, other: StoredSnapshot): string[] {
  return Object.values(TAG).filter((tag) => one.tags[tag] !== other.tags[tag]);
}

/** A hash, because a run id can hold characters that neither a name nor a tag may have. */
function runMark(runId: string): string {
  return createHash('sha256').update(runId).digest('hex').slice(0, 16);
}
