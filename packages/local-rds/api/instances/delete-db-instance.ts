import { Fault } from '../../protocol/fault.ts';
import type { Instance, InstanceStatus, InstanceWork, Snapshot } from '../../state/things.ts';
import { action } from '../action.ts';
import { arnOf } from '../arn.ts';
import {
  automatedBackupOf,
  removeAutomatedBackup,
  retainCopies,
} from '../automated-backups/end-automated-backup.ts';
import { instanceEvent } from '../events.ts';
import { endReplicasOf } from '../replicas/end-replicas.ts';
import type { Service } from '../service.ts';
import { announceSnapshot, newSnapshotName, snapshotFailed } from '../snapshots/snapshot.ts';
import { takeSnapshot } from '../snapshots/take-snapshot.ts';
import { startServer } from './become-available.ts';
import { describeInstance, namedInstanceArn } from './describe-instance.ts';
import { beginOperation, clusterOf, instanceNamed, requireStatus } from './instance.ts';
import { deleteSecret } from './master-secret.ts';

/** States in which something is under way that has to end first. */
const deletable: readonly InstanceStatus[] = [
  'available',
  'failed',
  'incompatible-restore',
  'stopped',
  'storage-full',
];
/** "You can only delete it when you skip creation of the final snapshot": DeleteDBInstance in the API Reference. */
const withoutSnapshot: readonly InstanceStatus[] = ['failed', 'incompatible-restore'];

export const deleteDBInstance = action('DeleteDBInstance', {
  parameters: [
    'DBInstanceIdentifier',
    'SkipFinalSnapshot',
    'FinalDBSnapshotIdentifier',
    'DeleteAutomatedBackups',
  ],
  resources: (call, input) => [
    namedInstanceArn(call, input.DBInstanceIdentifier),
    ...(input.FinalDBSnapshotIdentifier
      ? [arnOf(call, 'snapshot', input.FinalDBSnapshotIdentifier.toLowerCase())]
      : []),
  ],
  async perform(call, input) {
    const { service } = call;
    const instance = instanceNamed(call, input.DBInstanceIdentifier);
    const { SkipFinalSnapshot = false, FinalDBSnapshotIdentifier } = input;
    if (instance.status === 'deleting')
      requireStatus(instance, deletable, `Instance ${instance.name} is already being deleted.`);
    refuseWrongSnapshot(instance, SkipFinalSnapshot, FinalDBSnapshotIdentifier);
    if (instance.shown.DeletionProtection) {
      // The fault that RDS has for it, though it is no matter of state.
      throw new Fault(
        'InvalidParameterCombination',
        'Cannot delete protected DB Instance, please disable deletion protection and try again.',
      );
    }
    requireStatus(
      instance,
      deletable,
      `Instance ${instance.name} is currently ${instance.status}. Delete it when it is available.`,
    );
    if (!SkipFinalSnapshot && withoutSnapshot.includes(instance.status)) {
      requireStatus(
        instance,
        ['available'],
        `Cannot create a final snapshot of ${instance.name}, which is ${instance.status}. Use SkipFinalSnapshot.`,
      );
    }
    const finalSnapshot = SkipFinalSnapshot
      ? undefined
      : newSnapshotName(call, 'FinalDBSnapshotIdentifier', FinalDBSnapshotIdentifier);
    const work = {
      kind: 'delete',
      keepAutomatedBackups: input.DeleteAutomatedBackups === false,
      ...(finalSnapshot !== undefined && { finalSnapshot }),
    } as const;
    const snapshot =
      finalSnapshot === undefined ? undefined : announceSnapshot(service, instance, finalSnapshot, 'manual');
    const deleting = beginOperation(service, instance, {
      work,
      status: 'deleting',
      run: (signal) => deleteInstance(service, instance, work, snapshot, signal),
    });
    return { DBInstance: await describeInstance(service, deleting) };
  },
});

function refuseWrongSnapshot(instance: Instance, skip: boolean, name: string | undefined): void {
  const wrong = (message: string) => new Fault('InvalidParameterCombination', message);
  if (skip && name !== undefined)
    throw wrong('FinalDBSnapshotIdentifier can not be specified when skipping the final snapshot.');
  if (name !== undefined && instance.follows)
    throw wrong('FinalDBSnapshotIdentifier can not be specified when deleting a replica instance');
  if (!skip && name === undefined && instance.follows)
    throw wrong('SkipFinalSnapshot must be specified when deleting a replica instance.');
  if (!skip && name === undefined)
    throw wrong('FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.');
}

/** The final snapshot first; only when that is whole is anything removed. May be done again after a part of it was done. */
export async function deleteInstance(
  service: Service,
  instance: Instance,
  work: Extract<InstanceWork, { kind: 'delete' }>,
  snapshot: Snapshot | undefined,
  signal: AbortSignal,
): Promise<void> {
  if (snapshot && snapshot.status !== 'available') {
    await startServer(service, instance);
    await takeSnapshot(service, instance, snapshot, signal);
  }
  await endReplicasOf(service, instance);
  await retainCopies(service, instance);
  const backup = automatedBackupOf(service, instance);
  const keepArchive = work.keepAutomatedBackups && backup !== undefined && backup.bases.length > 0;
  const made = (await service.engine.list()).includes(instance.cluster);
  if (made) await (await clusterOf(service, instance)).delete({ keepArchive });
  if (keepArchive) service.state.automatedBackups.put({ ...backup, status: 'retained' });
  else if (backup) await removeAutomatedBackup(service, backup);
  await deleteSecret(service, instance);
  service.state.instances.delete(instance);
  instanceEvent(service, instance, 'deletion', 'DB instance deleted');
}

/** For a deletion that a killed program left: what it had of the final snapshot is made anew. */
export async function announceAgain(service: Service, instance: Instance, name: string): Promise<Snapshot> {
  const present = service.state.snapshots.get(instance, name);
  if (present?.status === 'available') return present;
  if (present) {
    await snapshotFailed(service, present, new Error('The program ended while the snapshot was taken.'));
    service.state.snapshots.delete(present);
  }
  return announceSnapshot(service, instance, name, 'manual');
}
