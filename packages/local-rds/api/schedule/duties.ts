import type { Instance, Snapshot } from '../../state/things.ts';
import { instanceEvent } from '../events.ts';
import { backUpAndOpen, cannotRun, startServer } from '../instances/become-available.ts';
import { beginOperation, change, HOST_DISK_FULL } from '../instances/instance.ts';
import { modify } from '../instances/modify-db-instance.ts';
import { start } from '../instances/start-db-instance.ts';
import { promoteOrphan } from '../replicas/end-replicas.ts';
import type { Service } from '../service.ts';
import { windowBegan } from './window.ts';

/** What the service does with an instance by itself. */
export type Duty =
  | 'back up'
  | 'apply pending modifications'
  | 'start again'
  | 'start on a disk with room'
  | 'promote';

/** What is due for an instance now; nothing for most, most of the time. */
export function dutyOf(instance: Instance, newestBackup: Date | undefined, now: Date): Duty | undefined {
  const { status, shown } = instance;
  if (status === 'stopped')
    return shown.AutomaticRestartTime && shown.AutomaticRestartTime <= now ? 'start again' : undefined;
  if (status === 'storage-full' && instance.reason === HOST_DISK_FULL) return 'start on a disk with room';
  if (instance.follows?.promote && (status === 'available' || status === 'storage-full')) return 'promote';
  if (status !== 'available') return undefined;
  const pending = Object.keys(shown.PendingModifiedValues ?? {}).length > 0;
  if (pending && windowBegan(shown.PreferredMaintenanceWindow ?? '', now))
    return 'apply pending modifications';
  const began = windowBegan(shown.PreferredBackupWindow ?? '', now);
  const keeps = (shown.BackupRetentionPeriod ?? 0) > 0;
  return keeps && began && (!newestBackup || newestBackup < began) ? 'back up' : undefined;
}

/** Begins whatever is due. */
export function attend(service: Service): void {
  const now = service.clock();
  for (const instance of service.state.instances.all()) {
    if (service.isDown(instance.region)) continue;
    const duty = dutyOf(instance, newestBackup(service, instance), now);
    if (duty) begin[duty](service, instance);
  }
}

const begin: Record<Duty, (service: Service, instance: Instance) => void> = {
  promote: promoteOrphan,
  'back up': (service, instance) =>
    beginOperation(service, instance, {
      work: { kind: 'back-up', snapshot: '' },
      status: 'backing-up',
      run: (signal) => backUpAndOpen(service, instance, signal),
      failed: () => change(service, instance, { status: 'available', work: undefined }),
    }),
  'apply pending modifications': (service, instance) =>
    beginOperation(service, instance, {
      work: { kind: 'modify', all: true },
      status: 'modifying',
      run: (signal) =>
        modify(service, instance, { password: undefined, port: undefined }, true, 'available', signal),
    }),
  'start on a disk with room': (service, instance) =>
    beginOperation(service, instance, {
      work: { kind: 'reboot' },
      status: 'rebooting',
      async run() {
        await startServer(service, instance);
        change(service, instance, { status: 'available', work: undefined, reason: undefined });
        instanceEvent(service, instance, 'recovery', 'Recovery of the DB instance is complete.');
      },
      failed: (error) => cannotRun(service, instance, error),
    }),
  'start again': (service, instance) =>
    beginOperation(service, instance, {
      work: { kind: 'start' },
      status: 'starting',
      run: () => start(service, instance),
    }),
};

function newestBackup(service: Service, instance: Instance): Date | undefined {
  const time = ({ shown }: Snapshot) => shown.SnapshotCreateTime ?? new Date(0);
  return service.state.snapshots
    .list(instance)
    .filter(({ shown }) => shown.SnapshotType === 'automated')
    .filter(({ shown }) => shown.DbiResourceId === instance.shown.DbiResourceId)
    .map(time)
    .sort((one, other) => one.getTime() - other.getTime())
    .at(-1);
}
