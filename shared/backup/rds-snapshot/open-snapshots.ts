import type { RDSClient } from '@aws-sdk/client-rds';
import { databaseOf, snapshotBackupOf } from '../../plan/lookup.ts';
import type { Plan } from '../../plan/schema.ts';
import type { BackupPlace } from '../place.ts';
import { copiedSnapshots, instanceSnapshots } from './instance-snapshots.ts';
import type { SnapshotRegions } from './snapshots.ts';

/** Opens a client for a Region. */
export type RdsIn = (region: string) => RDSClient;

/** The Regions in which the plan keeps the snapshots of a backup. @throws NotInPlan */
export function snapshotRegionsOf(plan: Plan, of: BackupPlace, rdsIn: RdsIn): SnapshotRegions {
  const { backup, instance } = snapshotBackupOf(databaseOf(plan, of.database), of.backup);
  const { primary, standby } = plan.regions;
  const copy = backup.rdsSnapshot.copyToStandby;
  return {
    primary: instanceSnapshots(rdsIn(primary), primary, instance),
    standby: copy ? copiedSnapshots(rdsIn(standby), standby, { instance, key: copy.key }) : null,
  };
}
