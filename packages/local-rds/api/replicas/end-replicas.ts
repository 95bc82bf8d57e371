import type { Instance } from '../../state/things.ts';
import { instanceEvent } from '../events.ts';
import { change, clusterOf, instanceArn } from '../instances/instance.ts';
import type { Service } from '../service.ts';
import { beginPromotion } from './promote-read-replica.ts';

/**
 * What becomes of the replicas of a source that goes away. In its own Region each is promoted and stands alone. In another Region it
 * stays as it is, read-only and `terminated`: RDS promotes no cross-Region replica of PostgreSQL.
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ReadRepl.html
 */
export async function endReplicasOf(service: Service, source: Instance): Promise<void> {
  const arn = instanceArn(source);
  const replicas = service.state.instances
    .all()
    .filter(({ follows }) => follows?.source === arn && !follows.ended);
  for (const replica of replicas) {
    const promotable = replica.status === 'available' || replica.status === 'storage-full';
    if (replica.region === source.region && replica.account === source.account && promotable) {
      const { BackupRetentionPeriod = 0 } = replica.shown;
      change(service, replica, { shown: { PendingModifiedValues: { BackupRetentionPeriod } } });
      beginPromotion(service, replica);
    } else await terminate(service, replica, arn);
  }
}

async function terminate(service: Service, replica: Instance, source: string): Promise<void> {
  change(service, replica, {
    follows: { source, ended: `The source DB instance ${source} was deleted.` },
  });
  const cluster = await clusterOf(service, replica);
  if (cluster.running()) await cluster.replica?.stopStreaming();
  instanceEvent(service, replica, 'read replica', 'Replication streaming has been terminated.');
}
