import type { Instance } from '../../state/things.ts';
import { arnOf } from '../arn.ts';
import { instanceEvent } from '../events.ts';
import type { Service } from '../service.ts';
import { startServer } from './become-available.ts';
import { change, clusterOf, instanceArn } from './instance.ts';

/** Gives an instance another name, with the reboot that RDS makes of it. Its snapshots keep the name that they were taken under. */
export async function rename(service: Service, instance: Instance, name: string): Promise<Instance> {
  const { state } = service;
  const before = instanceArn(instance);
  const after = arnOf(instance, 'db', name);
  await (await clusterOf(service, instance)).stop();
  // The new name first: two records of one cluster are found at the next start, and the older one is let go.
  const renamed = state.instances.put({
    ...instance,
    name,
    shown: {
      ...instance.shown,
      DBInstanceIdentifier: name,
      DBInstanceArn: after,
      PendingModifiedValues: {},
    },
  });
  state.instances.delete(instance);
  for (const replica of state.instances.all().filter(({ follows }) => follows?.source === before)) {
    change(service, replica, {
      follows: { ...replica.follows, source: after },
      shown: {
        ReadReplicaSourceDBInstanceIdentifier: replica.region === instance.region ? name : after,
      },
    });
  }
  const backups = state.automatedBackups
    .all()
    .filter((backup) => backup.name === instance.shown.DbiResourceId);
  for (const backup of backups) {
    state.automatedBackups.put({
      ...backup,
      shown: { ...backup.shown, DBInstanceIdentifier: name, DBInstanceArn: after },
    });
  }
  await startServer(service, renamed);
  instanceEvent(
    service,
    renamed,
    'configuration change',
    `Renamed instance from ${instance.name} to ${name}`,
  );
  return renamed;
}
