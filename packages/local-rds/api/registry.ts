import type { Action } from './action.ts';
import { automatedBackupActions } from './automated-backups/actions.ts';
import { catalogActions } from './catalog/actions.ts';
import { describeDBClusters } from './clusters/describe-db-clusters.ts';
import { describeEvents } from './events/describe-events.ts';
import { createDBInstance } from './instances/create-db-instance.ts';
import { deleteDBInstance } from './instances/delete-db-instance.ts';
import { describeDBInstances } from './instances/describe-db-instances.ts';
import { modifyDBInstance } from './instances/modify-db-instance.ts';
import { rebootDBInstance } from './instances/reboot-db-instance.ts';
import { restoreDBInstanceFromDBSnapshot } from './instances/restore-from-db-snapshot.ts';
import { restoreDBInstanceToPointInTime } from './instances/restore-to-point-in-time.ts';
import { startDBInstance } from './instances/start-db-instance.ts';
import { stopDBInstance } from './instances/stop-db-instance.ts';
import { parameterGroupActions } from './parameter-groups/actions.ts';
import { createDBInstanceReadReplica } from './replicas/create-db-instance-read-replica.ts';
import { promoteReadReplica } from './replicas/promote-read-replica.ts';
import { copyDBSnapshot } from './snapshots/copy-db-snapshot.ts';
import { createDBSnapshot } from './snapshots/create-db-snapshot.ts';
import { deleteDBSnapshot } from './snapshots/delete-db-snapshot.ts';
import { describeDBSnapshots } from './snapshots/describe-db-snapshots.ts';
import { describeDBSnapshotAttributes, modifyDBSnapshotAttribute } from './snapshots/snapshot-attributes.ts';
import { subnetGroupActions } from './subnet-groups/actions.ts';
import { tagActions } from './tagging/actions.ts';

const all: readonly Action[] = [
  createDBInstance,
  describeDBInstances,
  modifyDBInstance,
  rebootDBInstance,
  stopDBInstance,
  startDBInstance,
  deleteDBInstance,
  createDBSnapshot,
  describeDBSnapshots,
  deleteDBSnapshot,
  copyDBSnapshot,
  modifyDBSnapshotAttribute,
  describeDBSnapshotAttributes,
  restoreDBInstanceFromDBSnapshot,
  restoreDBInstanceToPointInTime,
  createDBInstanceReadReplica,
  promoteReadReplica,
  describeEvents,
  describeDBClusters,
  ...automatedBackupActions,
  ...catalogActions,
  ...parameterGroupActions,
  ...subnetGroupActions,
  ...tagActions,
];

/** Every action of this service, by its name. */
export const actions: ReadonlyMap<string, Action> = new Map(all.map((action) => [action.name, action]));

/** What is supported: names of actions and of the parameters that each takes, in order. */
export function supported(): { readonly action: string; readonly parameters: readonly string[] }[] {
  return all
    .map(({ name, parameters }) => ({ action: name, parameters: [...parameters].sort() }))
    .sort((one, other) => (one.action < other.action ? -1 : 1));
}
