import { setTimeout as sleep } from 'node:timers/promises';
import type { Instance } from '../../state/things.ts';
import { instanceEvent } from '../events.ts';
import { change, clusterOf, instanceArn } from '../instances/instance.ts';
import type { Service } from '../service.ts';
import { beginPromotion } from './promote-read-replica.ts';

/**
 * What becomes of the replicas of a source that goes away. In its own Region each is promoted and stands alone, a busy one as soon as
 * it is available. In another Region it stays as it is, read-only and `terminated`: RDS promotes no cross-Region replica of PostgreSQL.
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ReadRepl.html
 */
export async function endReplicasOf(service: Service, source: Instance): Promise<void> {
  const arn = instanceArn(source);
  const replicas = service.state.instances
    .all()
    .filter(({ follows }) => follows?.source === arn && !follows.ended);
  for (const replica of replicas) {
    const here = replica.region === source.region && replica.account === source.account;
    if (!here || neverAvailable.has(replica.status)) {
      await terminate(service, replica, arn);
      continue;
    }
    const orphan = change(service, replica, { follows: { source: arn, promote: true } });
    if (!promoteOrphan(service, orphan)) promoteOnceAvailable(service, orphan);
  }
}

const neverAvailable: ReadonlySet<string> = new Set(['deleting', 'failed', 'incompatible-restore']);

/** Begins the promotion of a replica whose source is gone. Returns false where it is busy. */
export function promoteOrphan(service: Service, orphan: Instance): boolean {
  if (orphan.status !== 'available' && orphan.status !== 'storage-full') return false;
  const { BackupRetentionPeriod = 0, PendingModifiedValues } = orphan.shown;
  change(service, orphan, {
    shown: { PendingModifiedValues: { ...PendingModifiedValues, BackupRetentionPeriod } },
  });
  beginPromotion(service, orphan);
  return true;
}

const LOOK_EVERY_MS = 200;

/** Its end may be the end of the program or of the Region: the service's own duties promote what is left then. */
function promoteOnceAvailable(service: Service, { account, region, name }: Instance): void {
  const begun = () => {
    const orphan = service.state.instances.get({ account, region }, name);
    const over = !orphan?.follows?.promote || neverAvailable.has(orphan.status);
    return over || promoteOrphan(service, orphan);
  };
  service.work.begin(
    region,
    async (signal) => {
      while (!begun()) await sleep(LOOK_EVERY_MS, undefined, { signal });
    },
    (error) => {
      throw error;
    },
  );
}

async function terminate(service: Service, replica: Instance, source: string): Promise<void> {
  change(service, replica, {
    follows: { source, ended: `The source DB instance ${source} was deleted.` },
  });
  const cluster = await clusterOf(service, replica);
  if (cluster.running()) await cluster.replica?.stopStreaming();
  instanceEvent(service, replica, 'read replica', 'Replication streaming has been terminated.');
}
