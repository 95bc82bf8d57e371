import type { Instance } from '../../state/things.ts';
import { instanceEvent } from '../events.ts';
import { change, clusterOf, instanceArn } from '../instances/instance.ts';
import type { Service } from '../service.ts';

/**
 * Cuts the replicas of a source that goes away. They stay as they are, read-only and `terminated`: RDS promotes no replica of
 * PostgreSQL because its source was deleted.
 */
export async function endReplicasOf(service: Service, source: Instance): Promise<void> {
  const arn = instanceArn(source);
  const replicas = service.state.instances
    .all()
    .filter(({ follows }) => follows?.source === arn && !follows.ended);
  for (const replica of replicas) {
    change(service, replica, {
      follows: { source: arn, ended: `The source DB instance ${arn} was deleted.` },
    });
    const cluster = await clusterOf(service, replica);
    if (cluster.running()) await cluster.replica?.stopStreaming();
    instanceEvent(service, replica, 'read replica', 'Replication streaming has been terminated.');
  }
}
