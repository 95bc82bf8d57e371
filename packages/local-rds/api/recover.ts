import type { Stored } from '../state/collection.ts';
import type { Instance } from '../state/things.ts';
import { automatedBackupOf } from './automated-backups/end-automated-backup.ts';
import { instanceEvent } from './events.ts';
import { backUpAndOpen, startServer } from './instances/become-available.ts';
import { announceAgain, deleteInstance } from './instances/delete-db-instance.ts';
import {
  beginOperation,
  change,
  clusterOf,
  type InstanceOperation,
  instanceFailed,
} from './instances/instance.ts';
import { modify } from './instances/modify-db-instance.ts';
import { reboot } from './instances/reboot-db-instance.ts';
import { start } from './instances/start-db-instance.ts';
import { becomeStopped } from './instances/stop-db-instance.ts';
import { promote } from './replicas/promote-read-replica.ts';
import type { Service } from './service.ts';
import { beginDeletion } from './snapshots/delete-db-snapshot.ts';
import { snapshotFailed } from './snapshots/snapshot.ts';

/**
 * Takes up what the last program left, stopped or killed: everything ends whole, or `failed` with the reason. Instances
 * start in the background, and are `starting` until they can be used.
 */
export async function recover(service: Service): Promise<void> {
  const { state } = service;
  forgetOldNames(service);
  await takeUpSnapshots(service, everywhere, 'The program ended');
  const folders = [
    ...state.snapshots.all().map(({ folder }) => folder),
    ...state.automatedBackups.all().flatMap(({ bases }) => bases),
  ];
  await service.backups.sweep(new Set(folders));
  takeUpInstances(service, everywhere, 'The program ended');
}

/** The same for a Region that was down, while the others went on. */
export async function recoverRegion(service: Service, region: string): Promise<void> {
  const there: Where = (thing) => thing.region === region;
  await takeUpSnapshots(service, there, 'The Region went down');
  takeUpInstances(service, there, 'The Region went down');
}

type Where = (thing: Stored) => boolean;
const everywhere: Where = () => true;

async function takeUpSnapshots(service: Service, where: Where, happened: string): Promise<void> {
  const { state } = service;
  const finals = state.instances.all().map(({ work }) => (work?.kind === 'delete' ? work.finalSnapshot : ''));
  for (const snapshot of state.snapshots.all().filter(where)) {
    if (snapshot.status === 'deleting') beginDeletion(service, snapshot);
    // The final snapshot of an instance that is being deleted is taken again.
    else if (snapshot.status === 'creating' && !finals.includes(snapshot.name))
      await snapshotFailed(service, snapshot, new Error(`${happened} while the snapshot was made.`));
  }
}

function takeUpInstances(service: Service, where: Where, happened: string): void {
  for (const instance of service.state.instances.all().filter(where)) {
    const left = operationLeft(service, instance, happened);
    if (left) beginOperation(service, instance, left);
  }
}

/** A rename that was interrupted leaves two records of one cluster: the one that still waits for its new name is the old one. */
function forgetOldNames({ state }: Service): void {
  for (const instance of state.instances.all()) {
    const others = state.instances
      .all()
      .filter(({ cluster, name }) => cluster === instance.cluster && name !== instance.name);
    if (others.length > 0 && instance.shown.PendingModifiedValues?.DBInstanceIdentifier !== undefined)
      state.instances.delete(instance);
  }
}

/** What has to be done with an instance before it is as its last request left it. Undefined for one that rests. */
function operationLeft(
  service: Service,
  instance: Instance,
  happened: string,
): InstanceOperation | undefined {
  const { work, status } = instance;
  switch (work?.kind) {
    case undefined:
      return status === 'available' || status === 'storage-full' ? starting(service, instance) : undefined;
    case 'back-up':
      return starting(service, instance);
    case 'create':
    case 'restore':
    case 'create-replica':
      return instance.shown.InstanceCreateTime
        ? starting(service, instance)
        : abandoned(service, instance, happened);
    case 'modify':
      return {
        work,
        status: 'modifying',
        async run(signal) {
          await startServer(service, instance);
          // A new password is lost: it is in no record.
          const nothing = { password: undefined, port: undefined };
          await modify(service, instance, nothing, work.all, 'available', signal);
        },
      };
    case 'reboot':
      return { work, status: 'rebooting', run: () => reboot(service, instance) };
    case 'start':
      return { work, status: 'starting', run: () => start(service, instance) };
    case 'stop':
      return { work, status: 'stopping', run: async () => becomeStopped(service, instance) };
    case 'promote':
      return { work, status: 'modifying', run: (signal) => promote(service, instance, signal) };
    case 'delete':
      return {
        work,
        status: 'deleting',
        async run(signal) {
          const { finalSnapshot: name } = work;
          const made = (await service.engine.list()).includes(instance.cluster);
          const snapshot =
            name === undefined || !made ? undefined : await announceAgain(service, instance, name);
          await deleteInstance(service, instance, work, snapshot, signal);
        },
      };
  }
}

/** The server is started, and the first automated backup taken if that is missing. */
function starting(service: Service, instance: Instance): InstanceOperation {
  return {
    work: { kind: 'start' },
    status: 'starting',
    async run(signal) {
      await startServer(service, instance);
      instanceEvent(service, instance, 'availability', 'DB instance restarted');
      const backup = automatedBackupOf(service, instance);
      const wanted = (instance.shown.BackupRetentionPeriod ?? 0) > 0 && !instance.follows;
      if (wanted && (backup?.bases.length ?? 0) === 0)
        return backUpAndOpen(service, change(service, instance, {}), signal);
      const status = instance.status === 'storage-full' ? instance.status : 'available';
      change(service, instance, { status, work: undefined });
    },
  };
}

/** For an instance that was never available: its cluster is removed, and its name stays, as `failed`. */
function abandoned(service: Service, instance: Instance, happened: string): InstanceOperation {
  return {
    work: { kind: 'create' },
    status: 'creating',
    async run() {
      const made = (await service.engine.list()).includes(instance.cluster);
      if (made) await (await clusterOf(service, instance)).delete();
      instanceFailed(service, instance, new Error(`${happened} while the instance was made.`));
    },
  };
}
