import { Fault } from '../../protocol/fault.ts';
import type { Instance, Snapshot } from '../../state/things.ts';
import { action } from '../action.ts';
import { arnOf } from '../arn.ts';
import { instanceEvent } from '../events.ts';
import type { Service } from '../service.ts';
import { announceSnapshot, newSnapshotName } from '../snapshots/snapshot.ts';
import { takeSnapshot } from '../snapshots/take-snapshot.ts';
import { describeInstance, namedInstanceArn } from './describe-instance.ts';
import { beginOperation, change, clusterOf, instanceArn, instanceNamed, requireStatus } from './instance.ts';

/** RDS starts an instance again that was stopped for a week. */
const longestStopMs = 7 * 86_400_000;

export const stopDBInstance = action('StopDBInstance', {
  parameters: ['DBInstanceIdentifier', 'DBSnapshotIdentifier'],
  resources: (call, input) => [
    namedInstanceArn(call, input.DBInstanceIdentifier),
    ...(input.DBSnapshotIdentifier
      ? [arnOf(call, 'snapshot', input.DBSnapshotIdentifier.toLowerCase())]
      : []),
  ],
  async perform(call, input) {
    const { service } = call;
    const instance = instanceNamed(call, input.DBInstanceIdentifier);
    requireStatus(instance, ['available'], `Instance ${instance.name} is not in available state.`);
    refuseReplication(service, instance);
    const name =
      input.DBSnapshotIdentifier === undefined
        ? undefined
        : newSnapshotName(call, 'DBSnapshotIdentifier', input.DBSnapshotIdentifier);
    const snapshot = name === undefined ? undefined : announceSnapshot(service, instance, name, 'manual');
    const stopping = beginOperation(service, instance, {
      work: { kind: 'stop' },
      status: 'stopping',
      run: (signal) => stop(service, instance, snapshot, signal),
      failed: () => change(service, instance, { status: 'available', work: undefined }),
    });
    return { DBInstance: await describeInstance(service, stopping) };
  },
});

/** "You can't stop a DB instance that has a read replica, or that is a read replica": USER_StopInstance. */
function refuseReplication(service: Service, instance: Instance): void {
  const arn = instanceArn(instance);
  const replicas = service.state.instances
    .all()
    .filter(({ follows }) => follows?.source === arn && !follows.ended);
  if (!instance.follows && replicas.length === 0) return;
  throw new Fault(
    'InvalidDBInstanceStateFault',
    `Cannot stop or start a DB instance that is or has a read replica: ${instance.name}.`,
  );
}

/** Takes the snapshot that was asked for, and shuts the server down. */
async function stop(
  service: Service,
  instance: Instance,
  snapshot: Snapshot | undefined,
  signal: AbortSignal,
): Promise<void> {
  if (snapshot) await takeSnapshot(service, instance, snapshot, signal);
  await (await clusterOf(service, instance)).stop();
  becomeStopped(service, instance);
}

/** The end of stopping. */
export function becomeStopped(service: Service, instance: Instance): void {
  const AutomaticRestartTime = new Date(service.clock().getTime() + longestStopMs);
  change(service, instance, { status: 'stopped', work: undefined, shown: { AutomaticRestartTime } });
  instanceEvent(service, instance, 'notification', 'DB instance stopped');
}
