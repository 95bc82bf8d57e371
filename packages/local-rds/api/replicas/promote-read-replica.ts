import type { PendingModifiedValues } from '@aws-sdk/client-rds';
import { Fault } from '../../protocol/fault.ts';
import type { Instance } from '../../state/things.ts';
import { action } from '../action.ts';
import { instanceEvent } from '../events.ts';
import { backUpAndOpen, startServer } from '../instances/become-available.ts';
import { checkedSettings } from '../instances/checked-settings.ts';
import { describeInstance, namedInstanceArn } from '../instances/describe-instance.ts';
import { beginOperation, change, instanceNamed, requireStatus } from '../instances/instance.ts';
import type { Service } from '../service.ts';

export const promoteReadReplica = action('PromoteReadReplica', {
  parameters: ['DBInstanceIdentifier', 'BackupRetentionPeriod', 'PreferredBackupWindow'],
  resources: (call, input) => [namedInstanceArn(call, input.DBInstanceIdentifier)],
  async perform(call, input) {
    const { service } = call;
    const instance = instanceNamed(call, input.DBInstanceIdentifier);
    if (!instance.follows) {
      throw new Fault('InvalidDBInstanceStateFault', `DB Instance ${instance.name} is not a read replica.`);
    }
    requireStatus(
      instance,
      ['available', 'storage-full'],
      `Cannot promote ${instance.name}: it is ${instance.status}. Promote it when it is available.`,
    );
    const { BackupRetentionPeriod, PreferredBackupWindow } = checkedSettings(
      { BackupRetentionPeriod: 1, ...input },
      instance.shown,
    );
    change(service, instance, {
      shown: {
        PendingModifiedValues: { ...instance.shown.PendingModifiedValues, BackupRetentionPeriod },
        PreferredBackupWindow,
      },
    });
    return { DBInstance: await describeInstance(service, beginPromotion(service, instance)) };
  },
});

/** Begins to promote a replica that is available. Its retention afterwards is the one that is pending. */
export function beginPromotion(service: Service, instance: Instance): Instance {
  return beginOperation(service, instance, {
    work: { kind: 'promote' },
    status: 'modifying',
    run: (signal) => promote(service, instance, signal),
    failed(error) {
      change(service, instance, {
        status: 'available',
        work: undefined,
        shown: { PendingModifiedValues: waitingOf(change(service, instance, {})) },
      });
      instanceEvent(service, instance, 'failure', `The promotion failed: ${error.message}`);
    },
  });
}

/** Makes a replica an instance of its own. May be done again after a part of it was done. */
export async function promote(service: Service, instance: Instance, signal: AbortSignal): Promise<void> {
  const cluster = await startServer(service, instance);
  await cluster.replica?.promote();
  const current = change(service, instance, {});
  const BackupRetentionPeriod = current.shown.PendingModifiedValues?.BackupRetentionPeriod ?? 1;
  const promoted = change(service, instance, {
    follows: undefined,
    shown: {
      BackupRetentionPeriod,
      PendingModifiedValues: waitingOf(current),
      ReadReplicaSourceDBInstanceIdentifier: undefined,
    },
  });
  instanceEvent(
    service,
    promoted,
    'notification',
    'Promoted Read Replica instance to a stand-alone database instance',
  );
  await backUpAndOpen(service, promoted, signal);
}

/** What was pending before the promotion still is after it. */
function waitingOf({ shown }: Instance): PendingModifiedValues {
  const { BackupRetentionPeriod: _retention, ...waiting } = shown.PendingModifiedValues ?? {};
  return waiting;
}
