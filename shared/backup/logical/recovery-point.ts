import { createHash } from 'node:crypto';

/** Where a recovery point stands: which database, which backup of the plan, and its id. */
export interface RecoveryPointPlace {
  readonly database: string;
  readonly backup: string;
  readonly id: string;
}

/** A recovery point in the making: its objects are locked until then. */
export interface NewRecoveryPoint extends RecoveryPointPlace {
  readonly lockedUntil: Date;
}

/**
 * The id of a recovery point: when it was begun, which run made it, which attempt of that run. Ids of one backup sort
 * by time as text.
 *
 * Every attempt writes under an id of its own, because objects are written once: what a failed attempt left behind is
 * no recovery point (it has no manifest) and expires with the rest.
 */
export function recoveryPointId(begunAt: Date, runId: string, attempt: string): string {
  return `${compact(begunAt)}-${runMark(runId)}-${attempt}`;
}

/** Whether a recovery point was made by the run, in whichever attempt. */
export function madeByRun(id: string, runId: string): boolean {
  return id.split('-')[1] === runMark(runId);
}

/** When the recovery point was begun, read from its id; null where the id is none of ours. */
export function begunAt(id: string): Date | null {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z-[0-9a-f]{8}-/.exec(id);
  if (!match) return null;
  const [, year, month, day, hour, minute, second] = match;
  const at = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(at.getTime()) ? null : at;
}

/** Where manifests of a backup lie: one object each, so that listing them lists what is complete. */
export function manifestPrefix({ database, backup }: Omit<RecoveryPointPlace, 'id'>): string {
  return `manifests/${database}/${backup}/`;
}

export function manifestKey(place: RecoveryPointPlace): string {
  return `${manifestPrefix(place)}${place.id}.json`;
}

/** Where the objects that a manifest names lie. */
export function contentPrefix(place: RecoveryPointPlace): string {
  return `recovery-points/${place.database}/${place.backup}/${place.id}/`;
}

/** The id in a manifest's key; null where the key is no manifest's. */
export function idOfManifestKey(key: string): string | null {
  const id = /\/([^/]+)\.json$/.exec(key)?.[1];
  return id && begunAt(id) ? id : null;
}

function compact(at: Date): string {
  return at.toISOString().replace(/[-:]|\.\d+/g, '');
}

/** Execution names may hold characters that an object key should not, and be 80 long. */
function runMark(runId: string): string {
  return createHash('sha256').update(runId).digest('hex').slice(0, 8);
}
