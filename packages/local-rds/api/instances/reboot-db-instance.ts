import { Fault } from '../../protocol/fault.ts';
import type { Instance } from '../../state/things.ts';
import { action } from '../action.ts';
import { usableKey } from '../encryption.ts';
import { instanceEvent } from '../events.ts';
import { applyBeforeStart } from '../parameter-groups/apply-parameters.ts';
import type { Service } from '../service.ts';
import { startServer } from './become-available.ts';
import { describeInstance, namedInstanceArn } from './describe-instance.ts';
import { beginOperation, change, clusterOf, instanceNamed, requireStatus } from './instance.ts';

export const rebootDBInstance = action('RebootDBInstance', {
  parameters: ['DBInstanceIdentifier', 'ForceFailover'],
  resources: (call, input) => [namedInstanceArn(call, input.DBInstanceIdentifier)],
  async perform(call, input) {
    const { service } = call;
    const { shown } = instanceNamed(call, input.DBInstanceIdentifier);
    if (input.ForceFailover && !shown.MultiAZ) {
      throw new Fault(
        'InvalidParameterCombination',
        'Cannot reboot with failover an instance that is not Multi-AZ.',
      );
    }
    if (shown.KmsKeyId) await usableKey(call, shown.KmsKeyId);
    const instance = instanceNamed(call, input.DBInstanceIdentifier);
    requireStatus(instance, ['available', 'storage-full']);
    const { status } = instance;
    const rebooting = beginOperation(service, instance, {
      work: { kind: 'reboot' },
      status: 'rebooting',
      run: () => reboot(service, instance, status),
    });
    return { DBInstance: await describeInstance(service, rebooting) };
  },
});

/** Restarts the server with everything that its parameter group says. */
export async function reboot(
  service: Service,
  instance: Instance,
  into: Instance['status'] = 'available',
): Promise<void> {
  const cluster = await clusterOf(service, instance);
  await cluster.stop();
  instanceEvent(service, instance, 'availability', 'DB instance shutdown');
  await applyBeforeStart(service, instance, cluster);
  await startServer(service, instance);
  change(service, instance, { status: into, work: undefined });
  instanceEvent(service, instance, 'availability', 'DB instance restarted');
}
