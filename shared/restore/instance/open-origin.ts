import type { RecoveryPointPlace } from '../../backup/place.ts';
import { type RdsIn, snapshotRegionsOf } from '../../backup/rds-snapshot/open-snapshots.ts';
import { rdsSnapshotPoints } from '../../backup/rds-snapshot/rds-snapshot-points.ts';
import type { Plan } from '../../plan/schema.ts';
import type { InstanceOrigin } from './instances.ts';
import { snapshotOrigin } from './snapshot-origin.ts';

/**
 * What an instance is made from for a recovery point of the plan, and in which Region.
 *
 * @throws NotInPlan for a backup that no instance can be made from; SnapshotMissing
 */
export async function originOf(
  plan: Plan,
  deployment: string,
  place: RecoveryPointPlace,
  rdsIn: RdsIn,
): Promise<{ origin: InstanceOrigin; takenAt: Date; region: string }> {
  const { primary } = snapshotRegionsOf(plan, place, rdsIn);
  const { takenAt, ...point } = await rdsSnapshotPoints(primary, deployment).find(place);
  const { region } = primary;
  return { origin: snapshotOrigin(rdsIn(region), region, point), takenAt, region };
}
