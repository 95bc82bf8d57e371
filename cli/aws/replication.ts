import { s3Replication } from '../../shared/standby/replication.ts';
import { type ReplicationLag, replicationLags } from '../../shared/standby/replication-lag.ts';
import type { Workload } from '../workload.ts';

/** How far the standby Region's vault is behind, by backup; null where nothing is replicated from this Region. */
export async function gatherReplication(
  { plan, vault, clients, deployment }: Workload,
  now: Date,
): Promise<ReplicationLag[] | null> {
  if (deployment.replicatedTo === null) return null;
  const replicationOf = s3Replication(clients.s3, deployment.vaultBucket);
  return replicationLags({ plan, vault, replicationOf }, now);
}
