import type { RDSClient } from '@aws-sdk/client-rds';
import { databaseOf, type RdsSource, snapshotBackupOf } from '../../plan/lookup.ts';
import type { Plan } from '../../plan/schema.ts';
import type { BackupPlace } from '../place.ts';
import { clusterSnapshots, copiedClusterSnapshots, regionClusterSnapshots } from './cluster-snapshots.ts';
import { copiedSnapshots, instanceSnapshots, regionSnapshots } from './instance-snapshots.ts';
import type { RegionSnapshots, SnapshotRegions } from './snapshots.ts';

/** Opens a client for a Region. */
export type RdsIn = (region: string) => RDSClient;

/** The Regions in which the plan keeps the snapshots of a backup. @throws NotInPlan */
export function snapshotRegionsOf(plan: Plan, of: BackupPlace, rdsIn: RdsIn): SnapshotRegions {
  const { backup, source } = snapshotBackupOf(databaseOf(plan, of.database), of.backup);
  const { name } = source;
  const { primary, standby } = plan.regions;
  const key = backup.rdsSnapshot.copyToStandby?.key;
  if (source.kind === 'cluster')
    return {
      primary: clusterSnapshots(rdsIn(primary), primary, name),
      standby: key ? copiedClusterSnapshots(rdsIn(standby), standby, { cluster: name, key }) : null,
    };
  return {
    primary: instanceSnapshots(rdsIn(primary), primary, name),
    standby: key ? copiedSnapshots(rdsIn(standby), standby, { instance: name, key }) : null,
  };
}

/** The snapshots of an instance or a cluster in a Region, for reading and deleting. */
export function snapshotsIn(region: string, { kind, name }: RdsSource, rdsIn: RdsIn): RegionSnapshots {
  return (kind === 'cluster' ? regionClusterSnapshots : regionSnapshots)(rdsIn(region), region, name);
}
