import type { Instance, Snapshot } from '../../state/things.ts';
import { snapshotEvent } from '../events.ts';
import { clusterOf } from '../instances/instance.ts';
import { onceThereIsRoom } from '../long-work.ts';
import type { Service } from '../service.ts';
import { changeSnapshot, snapshotArn, snapshotFailed } from './snapshot.ts';

/** Fills an announced snapshot with a base backup of its instance. A snapshot that cannot be taken is `failed`; the error is thrown. */
export async function takeSnapshot(
  service: Service,
  instance: Instance,
  snapshot: Snapshot,
  signal: AbortSignal,
): Promise<Snapshot> {
  try {
    await service.pace.hold({ arn: snapshotArn(snapshot), status: 'creating' }, signal);
    const cluster = await clusterOf(service, instance);
    const backup = await cluster.baseBackup({ folder: snapshot.folder, signal });
    const SnapshotCreateTime = service.clock();
    const taken = changeSnapshot(service, snapshot, {
      status: 'available',
      shown: {
        SnapshotCreateTime,
        OriginalSnapshotCreateTime: SnapshotCreateTime,
        SnapshotDatabaseTime: backup.completedAt,
        DBSystemId: backup.systemIdentifier,
      },
    });
    snapshotEvent(
      service,
      taken,
      'creation',
      `${upperFirst(taken.shown.SnapshotType ?? '')} snapshot created`,
    );
    return taken;
  } catch (error) {
    if (!signal.aborted)
      await onceThereIsRoom(() => snapshotFailed(service, snapshot, error as Error), signal);
    throw error;
  }
}

const upperFirst = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
