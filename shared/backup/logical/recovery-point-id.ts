import { createHash } from 'node:crypto';
import type { BackupPlace, RecoveryPointPlace } from '../place.ts';

/** A recovery point that is being taken. */
export interface NewRecoveryPoint extends RecoveryPointPlace {
  /** Until when its objects are locked while it is unfinished. */
  readonly firstLockedUntil: Date;
}

/**
 * The id of a recovery point: when it was begun, by which run, in which attempt. Ids of one backup sort by time as text.
 *
 * Every attempt writes under its own id, because objects are written once. What a failed attempt left behind has no manifest,
 * so it is not a recovery point. It was locked for two days and expires after three.
 */
export function recoveryPointId(begunAt: Date, runId: string, attempt: string): string {
  return `${compact(begunAt)}-${runMark(runId)}-${attempt}`;
}

/** When the recovery point was begun, read from its id; null if it is not such an id. */
export function begunAt(id: string): Date | null {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z-[0-9a-f]{8}-/.exec(id);
  if (!match) return null;
  const [, year, month, day, hour, minute, second] = match;
  const at = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(at.getTime()) ? null : at;
}

/** The prefix of a backup's manifests. There is one for each complete recovery point. */
export function manifestPrefix({ database, backup }: BackupPlace): string {
  return `manifests/${database}/${backup}/`;
}

export function manifestKey(place: RecoveryPointPlace): string {
  return `${manifestPrefix(place)}${place.id}.json`;
}

/**
 * The key under which a run keeps its manifest before any other place: the same for every attempt, so that only one of them can write it.
 * It ends like no manifest's key, so that nobody takes it for a second recovery point.
 */
export function manifestKeyOfRun(of: BackupPlace, runId: string): string {
  return `${manifestPrefix(of)}runs/${createHash('sha256').update(runId).digest('hex')}`;
}

/** The prefix of the objects that a manifest names. */
export function contentPrefix(place: RecoveryPointPlace): string {
  return `recovery-points/${place.database}/${place.backup}/${place.id}/`;
}

/** The id in a manifest's key; null if it is not the key of a manifest. */
export function idOfManifestKey(key: string): string | null {
  const id = /\/([^/]+)\.json$/.exec(key)?.[1];
  return id && begunAt(id) ? id : null;
}

function compact(at: Date): string {
  return at.toISOString().replace(/[-:]|\.\d+/g, '');
}

/** A hash, because execution names can be 80 characters long and contain characters that an object key should not. */
function runMark(runId: string): string {
  return createHash('sha256').update(runId).digest('hex').slice(0, 8);
}
