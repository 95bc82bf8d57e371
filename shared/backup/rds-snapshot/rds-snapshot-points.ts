import type { RecoveryPoints } from '../method.ts';
import type { BackupPlace } from '../place.ts';
import { type OwnRdsSnapshot, rdsSnapshotRecoveryPoint } from './rds-snapshot-recovery-point.ts';
import { SnapshotMissing } from './snapshot-errors.ts';
import { isOfBackup, nameOfPoint } from './snapshot-tags.ts';
import type { RegionSnapshots, StoredSnapshot } from './snapshots.ts';

/** The snapshots of a backup as one Region has them. One that is not available is not complete, and not listed. */
export function rdsSnapshotPoints(
  region: RegionSnapshots,
  deployment: string,
): RecoveryPoints<OwnRdsSnapshot> {
  return {
    async list(of) {
      const points = pointsOf({ ...of, deployment }, await region.list());
      return points.map(({ id, begunAt, label }) => ({ id, begunAt, label }));
    },
    // RDS has no delete markers: a deleted snapshot is gone.
    hidden: async () => [],
    async find({ id, ...of }) {
      const snapshot = await region.find(nameOfPoint({ ...of, deployment }, id));
      const ours = snapshot && isOfBackup(snapshot, { ...of, deployment });
      const point = ours ? rdsSnapshotRecoveryPoint(of, snapshot) : null;
      if (point?.id !== id)
        throw new SnapshotMissing(
          `there is no available snapshot for recovery point "${id}" of backup "${of.backup}" of "${of.database}" in ${region.region}`,
          { hint: 'list them: aws rds describe-db-snapshots --snapshot-type manual' },
        );
      return point;
    },
  };
}

/** The recovery points among snapshots, oldest first. */
export function pointsOf(
  of: BackupPlace & { deployment: string },
  snapshots: readonly StoredSnapshot[],
): OwnRdsSnapshot[] {
  return snapshots
    .filter((snapshot) => isOfBackup(snapshot, of))
    .flatMap((snapshot) => rdsSnapshotRecoveryPoint(of, snapshot) ?? [])
    .sort((a, b) => a.begunAt.getTime() - b.begunAt.getTime() || (a.id < b.id ? -1 : 1));
}
