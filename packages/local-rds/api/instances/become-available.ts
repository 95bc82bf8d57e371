import type { Cluster } from '../../engine/engine.ts';
import type { Stored } from '../../state/collection.ts';
import { isDiskFull } from '../../state/disk-full.ts';
import type { Instance } from '../../state/things.ts';
import { instanceEvent } from '../events.ts';
import type { Service } from '../service.ts';
import { beginAutomatedBackups, takeAutomatedSnapshot } from '../snapshots/automated-snapshot.ts';
import {
  beginOperation,
  change,
  clusterOf,
  HOST_DISK_FULL,
  instanceArn,
  instanceFailed,
} from './instance.ts';

/**
 * The last steps of everything that makes an instance: it gets its endpoint, its first automated backup if it keeps
 * any, and is available.
 */
export async function becomeAvailable(
  service: Service,
  instance: Stored,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<void> {
  const made = change(service, instance, {
    shown: {
      InstanceCreateTime: service.clock(),
      Endpoint: { Address: cluster.host, Port: cluster.port, HostedZoneId: 'Z000LOCAL' },
    },
  });
  watch(service, made, cluster);
  await backUpAndOpen(service, made, signal);
}

/** The first automated backup, if the instance keeps any; then it is available. */
export async function backUpAndOpen(
  service: Service,
  instance: Instance,
  signal: AbortSignal,
): Promise<void> {
  if ((instance.shown.BackupRetentionPeriod ?? 0) > 0) {
    const backingUp = change(service, instance, { status: 'backing-up' });
    await service.pace.hold({ arn: instanceArn(instance), status: 'backing-up' }, signal);
    await beginAutomatedBackups(service, backingUp);
    await takeAutomatedSnapshot(service, backingUp, signal);
  }
  change(service, instance, { status: 'available', work: undefined });
}

/** Starts an instance's server and sees to it that it is started again when it dies. */
export async function startServer(service: Service, instance: Instance): Promise<Cluster> {
  const cluster = await clusterOf(service, instance);
  if (cluster.running()) return cluster;
  await cluster.start();
  watch(service, instance, cluster);
  return cluster;
}

/** A server that finds no room on this machine's disk waits for it, as `storage-full`; any other failure is final. */
export function cannotRun(service: Service, instance: Instance, error: Error): void {
  if (!isDiskFull(error)) {
    instanceFailed(service, instance, error);
    return;
  }
  change(service, instance, { status: 'storage-full', work: undefined, reason: HOST_DISK_FULL });
  instanceEvent(
    service,
    instance,
    'failure',
    'The disk of this machine is full: make room. The DB instance starts then.',
  );
}

/** A server that dies by itself comes back with crash recovery, as on RDS. */
export function watch(service: Service, { account, region, name }: Instance, cluster: Cluster): void {
  void cluster.ended().then(({ expected, reason }) => {
    const instance = service.state.instances.get({ account, region }, name);
    const idle = instance?.status === 'available' || instance?.status === 'storage-full';
    if (expected || service.work.signal.aborted || service.isDown(region) || !instance || !idle) return;
    const { status } = instance;
    instanceEvent(service, instance, 'recovery', `Recovery of the DB instance has started: ${reason}.`);
    beginOperation(service, instance, {
      work: { kind: 'reboot' },
      status: 'rebooting',
      async run() {
        await startServer(service, instance);
        change(service, instance, { status, work: undefined });
        instanceEvent(service, instance, 'recovery', 'Recovery of the DB instance is complete.');
      },
      failed: (error) => cannotRun(service, instance, error),
    });
  });
}
