import type { Instance } from '../../state/things.ts';
import { action } from '../action.ts';
import { usableKey } from '../encryption.ts';
import { instanceEvent } from '../events.ts';
import { applyBeforeStart } from '../parameter-groups/apply-parameters.ts';
import type { Service } from '../service.ts';
import { startServer } from './become-available.ts';
import { describeInstance, namedInstanceArn } from './describe-instance.ts';
import { beginOperation, change, clusterOf, instanceNamed, requireStatus } from './instance.ts';

export const startDBInstance = action('StartDBInstance', {
  parameters: ['DBInstanceIdentifier'],
  resources: (call, input) => [namedInstanceArn(call, input.DBInstanceIdentifier)],
  async perform(call, input) {
    const { service } = call;
    const { shown } = instanceNamed(call, input.DBInstanceIdentifier);
    if (shown.KmsKeyId) await usableKey(call, shown.KmsKeyId);
    const instance = instanceNamed(call, input.DBInstanceIdentifier);
    requireStatus(instance, ['stopped'], `Instance ${instance.name} is not in stopped state.`);
    const starting = beginOperation(service, instance, {
      work: { kind: 'start' },
      status: 'starting',
      run: () => start(service, instance),
    });
    return { DBInstance: await describeInstance(service, starting) };
  },
});

/** Starts the server of a stopped instance. */
export async function start(service: Service, instance: Instance): Promise<void> {
  await applyBeforeStart(service, instance, await clusterOf(service, instance));
  await startServer(service, instance);
  change(service, instance, {
    status: 'available',
    work: undefined,
    shown: { AutomaticRestartTime: undefined },
  });
  instanceEvent(service, instance, 'notification', 'DB instance started');
}
