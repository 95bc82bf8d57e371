import type { RecoveryPointPlace } from '../../backup/place.ts';
import { automatedBackupsIn } from '../../backup/rds-point-in-time/instance-automated-backups.ts';
import { momentOf } from '../../backup/rds-point-in-time/moment.ts';
import { pointInTimePoints } from '../../backup/rds-point-in-time/point-in-time-points.ts';
import { type RdsIn, snapshotsIn } from '../../backup/rds-snapshot/open-snapshots.ts';
import { rdsSnapshotPoints } from '../../backup/rds-snapshot/rds-snapshot-points.ts';
import { backupOf, databaseOf, pointInTimeBackupOf, snapshotBackupOf } from '../../plan/lookup.ts';
import type { RegionRole } from '../../plan/region-role.ts';
import type { Plan } from '../../plan/schema.ts';
import type { InstanceOrigin } from './instances.ts';
import { momentOrigin } from './moment-origin.ts';
import { rdsInstances } from './rds-instances.ts';
import { snapshotOrigin } from './snapshot-origin.ts';

/** What an instance is made from, what moment that shows, and in which Region it is. */
export interface OpenedOrigin {
  readonly origin: InstanceOrigin;
  readonly takenAt: Date;
  readonly region: string;
}

/** Where an instance is made: its recovery point is in the same Region, because RDS makes none from another one. */
interface Here {
  readonly deployment: string;
  readonly role: RegionRole;
  readonly rdsIn: RdsIn;
}

/**
 * What an instance is made from for a recovery point of the plan. In the standby Region that is what RDS copied there, and nothing
 * of the primary Region is asked.
 *
 * @throws NotInPlan for a backup that no instance can be made from; SnapshotMissing, MomentMissing
 */
export async function originOf(plan: Plan, place: RecoveryPointPlace, here: Here): Promise<OpenedOrigin> {
  const database = databaseOf(plan, place.database);
  if ('pointInTime' in backupOf(database, place.backup)) return momentOriginOf(plan, place, here);
  const { source } = snapshotBackupOf(database, place.backup);
  const region = plan.regions[here.role];
  const snapshots = snapshotsIn(region, source, here.rdsIn);
  const { takenAt, snapshot, settings, key } = await rdsSnapshotPoints(snapshots, here.deployment).find(
    place,
  );
  return {
    origin: snapshotOrigin(here.rdsIn(region), region, {
      snapshot,
      // RDS takes no other key than that of the snapshot.
      settings: settings && { ...settings, key },
      takesGroups: here.role === 'primary',
    }),
    takenAt,
    region,
  };
}

async function momentOriginOf(
  plan: Plan,
  place: RecoveryPointPlace,
  { role, rdsIn }: Here,
): Promise<OpenedOrigin> {
  const { instance } = pointInTimeBackupOf(databaseOf(plan, place.database), place.backup);
  const region = plan.regions[role];
  const client = rdsIn(region);
  const backups = automatedBackupsIn(client, region, { instance, from: plan.regions.primary });
  const points = pointInTimePoints(backups);
  const moment = momentOf(place.id) ?? (await points.find(place)).takenAt;
  // RDS keeps no record of what an instance was like at a moment: it is compared with what it is like now.
  const source = role === 'primary' ? await rdsInstances(client, region).find(instance) : null;
  const origin = momentOrigin(client, region, {
    instance,
    moment,
    source: async () => {
      const { resourceId, backupsArn } = await points.find(place);
      return role === 'primary'
        ? { SourceDbiResourceId: resourceId }
        : { SourceDBInstanceAutomatedBackupsArn: backupsArn };
    },
    settings: source?.settings ?? null,
  });
  return { origin, takenAt: moment, region };
}
