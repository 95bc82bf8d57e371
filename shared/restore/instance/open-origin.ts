import type { RecoveryPointPlace } from '../../backup/place.ts';
import { automatedBackupsIn } from '../../backup/rds-point-in-time/instance-automated-backups.ts';
import { momentOf } from '../../backup/rds-point-in-time/moment.ts';
import { pointInTimePoints } from '../../backup/rds-point-in-time/point-in-time-points.ts';
import { type RdsIn, snapshotRegionsOf } from '../../backup/rds-snapshot/open-snapshots.ts';
import { rdsSnapshotPoints } from '../../backup/rds-snapshot/rds-snapshot-points.ts';
import { backupOf, databaseOf, pointInTimeBackupOf } from '../../plan/lookup.ts';
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

/**
 * What an instance is made from for a recovery point of the plan, and in which Region.
 *
 * @throws NotInPlan for a backup that no instance can be made from; SnapshotMissing, MomentMissing
 */
export async function originOf(
  plan: Plan,
  deployment: string,
  place: RecoveryPointPlace,
  rdsIn: RdsIn,
): Promise<OpenedOrigin> {
  const backup = backupOf(databaseOf(plan, place.database), place.backup);
  if ('pointInTime' in backup) return momentOriginOf(plan, place, rdsIn);
  const { primary } = snapshotRegionsOf(plan, place, rdsIn);
  const { takenAt, ...point } = await rdsSnapshotPoints(primary, deployment).find(place);
  const { region } = primary;
  return { origin: snapshotOrigin(rdsIn(region), region, point), takenAt, region };
}

async function momentOriginOf(plan: Plan, place: RecoveryPointPlace, rdsIn: RdsIn): Promise<OpenedOrigin> {
  const { instance } = pointInTimeBackupOf(databaseOf(plan, place.database), place.backup);
  const region = plan.regions.primary;
  const client = rdsIn(region);
  const points = pointInTimePoints(automatedBackupsIn(client, region, { instance, from: region }));
  const moment = momentOf(place.id) ?? (await points.find(place)).takenAt;
  // RDS keeps no record of what an instance was like at a moment: it is compared with what it is like now.
  const source = await rdsInstances(client, region).find(instance);
  const origin = momentOrigin(client, region, {
    instance,
    moment,
    resourceId: async () => (await points.find(place)).resourceId,
    settings: source?.settings ?? null,
  });
  return { origin, takenAt: moment, region };
}
