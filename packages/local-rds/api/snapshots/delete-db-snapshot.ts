import { Fault } from '../../protocol/fault.ts';
import type { Snapshot } from '../../state/things.ts';
import { action } from '../action.ts';
import { snapshotEvent } from '../events.ts';
import type { Service } from '../service.ts';
import { namedSnapshotArn } from './describe-db-snapshots.ts';
import { changeSnapshot, describeSnapshot, snapshotArn, snapshotFailed, snapshotNamed } from './snapshot.ts';

export const deleteDBSnapshot = action('DeleteDBSnapshot', {
  parameters: ['DBSnapshotIdentifier'],
  resources: (call, input) => [namedSnapshotArn(call, input.DBSnapshotIdentifier)],
  perform(call, input) {
    const { service } = call;
    const snapshot = snapshotNamed(call, input.DBSnapshotIdentifier);
    if (snapshot.account !== call.account || snapshot.shown.SnapshotType !== 'manual') {
      throw new Fault(
        'InvalidDBSnapshotStateFault',
        `Only manual snapshots may be deleted, by the account that owns them: ${snapshot.name}.`,
      );
    }
    if (snapshot.status !== 'available' && snapshot.status !== 'failed') {
      throw new Fault(
        'InvalidDBSnapshotStateFault',
        `Cannot delete the snapshot ${snapshot.name} because it is ${snapshot.status}.`,
      );
    }
    const deleting = changeSnapshot(service, snapshot, { status: 'deleting' });
    beginDeletion(service, deleting);
    return { DBSnapshot: describeSnapshot(deleting) };
  },
});

/** Removes the backup once no restore reads it, and then the snapshot. */
export function beginDeletion(service: Service, snapshot: Snapshot): void {
  service.work.begin(
    snapshot.region,
    async (signal) => {
      await service.pace.hold({ arn: snapshotArn(snapshot), status: 'deleting' }, signal);
      await service.backups.delete(snapshot.folder);
      service.state.snapshots.delete(snapshot);
      snapshotEvent(service, snapshot, 'deletion', 'Deleted manual snapshot');
    },
    (error) => snapshotFailed(service, snapshot, error),
  );
}
