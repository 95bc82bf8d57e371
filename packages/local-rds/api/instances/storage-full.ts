import type { Stored } from '../../state/collection.ts';
import { instanceEvent } from '../events.ts';
import type { Service } from '../service.ts';
import { change, clusterOf, requireStatus } from './instance.ts';

/** Takes an instance's room for more data away, or gives it back. Throws InvalidDBInstanceStateFault unless it is at rest. */
export async function setStorageFull(
  service: Service,
  { account, region, name }: Stored,
  full: boolean,
): Promise<void> {
  const instance = change(service, { account, region, name }, {});
  requireStatus(instance, ['available', 'storage-full']);
  await (await clusterOf(service, instance)).fillStorage(full);
  change(service, instance, { status: full ? 'storage-full' : 'available' });
  if (full)
    instanceEvent(
      service,
      instance,
      'failure',
      'The allocated storage for the DB instance has been exhausted.',
    );
}
