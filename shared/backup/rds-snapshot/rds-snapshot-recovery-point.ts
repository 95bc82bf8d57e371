import type { RecoveryPointPlace } from '../place.ts';
import { type InstanceSettings, settingsInTags } from './instance-settings.ts';
import { labelOf, pointId, timesOf } from './snapshot-tags.ts';
import type { StoredSnapshot } from './snapshots.ts';

/** A snapshot that RDS keeps. */
export interface RdsSnapshotRecoveryPoint extends RecoveryPointPlace {
  readonly method: 'rdsSnapshot';
  /** Its name in RDS, the same in both Regions. */
  readonly snapshot: string;
  /** The moment it shows. */
  readonly takenAt: Date;
  /** When the run that took it started. */
  readonly begunAt: Date;
  readonly label: string | null;
  /** Lifeboat does not delete it before. RDS locks nothing: who may delete snapshots can delete it. Null if another took it. */
  readonly keptUntil: Date | null;
  /** The ARN of its KMS key: of its own Region, and not that of the instance where it is a copy. */
  readonly key: string | null;
  /** What the instance was like when it was taken; null if the tags do not say. */
  readonly settings: InstanceSettings | null;
}

/** A snapshot that Lifeboat took. */
export type OwnRdsSnapshot = RdsSnapshotRecoveryPoint & { readonly keptUntil: Date };

/** The recovery point that a snapshot is; null while it is not available, or if its tags are not ours. */
export function rdsSnapshotRecoveryPoint(
  of: { database: string; backup: string },
  snapshot: StoredSnapshot,
): OwnRdsSnapshot | null {
  const { name, status, takenAt, tags, key } = snapshot;
  const times = timesOf(tags);
  if (status !== 'available' || takenAt === null || times === null) return null;
  const { runStartedAt, keptUntil } = times;
  return {
    method: 'rdsSnapshot',
    id: pointId(snapshot, times),
    snapshot: name,
    database: of.database,
    backup: of.backup,
    takenAt,
    // A tag is only text. What it says is never later than the moment shown.
    begunAt: runStartedAt < takenAt ? runStartedAt : takenAt,
    keptUntil,
    label: labelOf(tags),
    key,
    settings: settingsInTags(tags),
  };
}
