import { wordsOf } from '../../shared/aws/service-error.ts';
import type { BackupPlace } from '../../shared/backup/place.ts';
import { s3Replication } from '../../shared/standby/replication.ts';
import {
  type LagPorts,
  type ReplicationLag,
  replicatedBackups,
  replicationLag,
} from '../../shared/standby/replication-lag.ts';
import type { Workload } from '../workload.ts';

/** How far one backup is behind, or why that is not known. */
export type ReplicationSeen = ReplicationLag | (BackupPlace & { readonly problem: string });

/** How far the standby Region's vault is behind, by backup; null where nothing is replicated from this Region. */
export async function gatherReplication(
  { plan, vault, clients, deployment }: Workload,
  now: Date,
): Promise<ReplicationSeen[] | null> {
  if (deployment.replicatedTo === null) return null;
  const ports = { vault, replicationOf: s3Replication(clients.s3, deployment.vaultBucket) };
  return Promise.all(replicatedBackups(plan).map((of) => lagOrProblem(of, ports, now)));
}

/** One backup that cannot be looked at hides neither the others nor the rest of a status. */
export async function lagOrProblem(of: BackupPlace, ports: LagPorts, now: Date): Promise<ReplicationSeen> {
  try {
    return await replicationLag(of, ports, now);
  } catch (error) {
    return { ...of, problem: wordsOf(error) };
  }
}
