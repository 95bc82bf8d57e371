import { databaseOf, NotInPlan, plannedBackupOf, rdsSourceOf } from '../plan/lookup.ts';
import type { RegionRole } from '../plan/region-role.ts';
import type { Plan } from '../plan/schema.ts';
import type { Backup } from '../plan/sections/backups.ts';
import type { RecoveryPoints } from './method.ts';
import type { BackupPlace } from './place.ts';
import { automatedBackupsIn } from './rds-point-in-time/instance-automated-backups.ts';
import { pointInTimePoints } from './rds-point-in-time/point-in-time-points.ts';
import { type RdsIn, snapshotsIn } from './rds-snapshot/open-snapshots.ts';
import { rdsSnapshotPoints } from './rds-snapshot/rds-snapshot-points.ts';
import { snapshotsOfOthers } from './rds-snapshot/snapshots-of-others.ts';

/** Opens the recovery points of a backup that RDS keeps in a Region, for reading. */
export type OpenRdsPoints = (of: BackupPlace, role: RegionRole) => RecoveryPoints;

/**
 * Opens what RDS keeps of the plan's databases.
 *
 * @throws NotInPlan when opened for a database that is not on RDS, or a backup that RDS does not keep
 */
export function rdsPointsOf(plan: Plan, deployment: string, rdsIn: RdsIn): OpenRdsPoints {
  return (of, role) => {
    const database = databaseOf(plan, of.database);
    const backup = plannedBackupOf(database, of.backup);
    const source = rdsSourceOf(database);
    if (!source)
      throw new NotInPlan(`the plan names no RDS instance or cluster for database "${of.database}"`);
    const region = plan.regions[role];
    if (role === 'standby' && !isCopied(backup))
      throw new NotInPlan(
        `backup "${of.backup}" of "${of.database}" is not copied to ${region}: nothing of it can be restored there`,
        { hint: 'give it copyToStandby in the plan, and deploy; until then restore another backup' },
      );
    if ('pointInTime' in backup)
      return pointInTimePoints(
        automatedBackupsIn(rdsIn(region), region, { instance: source.name, from: plan.regions.primary }),
      );
    if (!('rdsSnapshot' in backup)) throw new NotInPlan(`RDS keeps nothing of backup "${of.backup}"`);
    const snapshots = snapshotsIn(region, source, rdsIn);
    return backup.takenBy === undefined
      ? rdsSnapshotPoints(snapshots, deployment)
      : snapshotsOfOthers(snapshots, backup.rdsSnapshot.type);
  };
}

function isCopied(backup: Backup): boolean {
  if ('pointInTime' in backup) return backup.pointInTime.copyToStandby !== undefined;
  return 'rdsSnapshot' in backup && backup.rdsSnapshot.copyToStandby !== undefined;
}
