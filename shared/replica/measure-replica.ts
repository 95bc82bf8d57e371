import { wordsOf } from '../aws/service-error.ts';
import type { DatabaseAccess } from '../database/access.ts';
import type { ReplicaReads } from '../database/engine.ts';
import type { Plan } from '../plan/schema.ts';
import { judgeReplica, unfit } from './judge-replica.ts';
import type { RdsReplica, ReplicaLag, Replicas } from './replica.ts';

/** A replica of the plan, and what it is of. */
export interface PlannedReplica {
  readonly database: string;
  readonly replica: string;
  readonly instance: string;
}

/** The read replicas that a plan names. They are in the standby Region. */
export function replicasOf({ databases }: Pick<Plan, 'databases'>): PlannedReplica[] {
  return Object.entries(databases).flatMap(([database, { rds }]) =>
    rds?.replica !== undefined && rds.instance !== undefined
      ? [{ database, replica: rds.replica, instance: rds.instance }]
      : [],
  );
}

/** What a replica is measured by. */
export interface ReplicaPorts {
  readonly plan: Plan;
  readonly replicas: Replicas;
  readonly reads: ReplicaReads;
  /** The login of the source, which its replica has as well, at the address of the replica. */
  readonly accessTo: (
    planned: PlannedReplica,
    address: { host: string; port: number },
  ) => Promise<DatabaseAccess>;
}

/**
 * Measures how far a replica is: asks RDS what it is and where, and the replica itself how far it has come. A replica that cannot be
 * asked has a problem and no loss, so that nobody takes it for one without lag.
 */
export async function measureReplica(ports: ReplicaPorts, planned: PlannedReplica): Promise<ReplicaLag> {
  const { plan, replicas } = ports;
  const { rpo } = plan.objectives;
  const targetSeconds = rpo === null ? null : rpo / 1000;
  const { database, replica } = planned;
  const base = { database, replica, region: replicas.region, targetSeconds };
  const { completeTo, lossMs, unappliedBytes, problem } = await reachOf(ports, planned).catch((error) => ({
    ...NOTHING_KNOWN,
    problem: wordsOf(error),
  }));
  const lossSeconds = lossMs === null ? null : lossMs / 1000;
  return {
    ...base,
    completeTo: completeTo?.toISOString() ?? null,
    lossSeconds,
    unappliedBytes,
    met: targetSeconds === null ? null : lossSeconds !== null && lossSeconds <= targetSeconds,
    problem,
  };
}

const NOTHING_KNOWN = { completeTo: null, lossMs: null, unappliedBytes: null };

async function reachOf({ plan, replicas, reads, accessTo }: ReplicaPorts, planned: PlannedReplica) {
  const found = await replicas.find(planned.replica);
  const source = { instance: planned.instance, region: plan.regions.primary };
  const unusable = unfit(found, planned.replica, source);
  const address = found?.address ?? null;
  if (unusable !== null || address === null) return { ...NOTHING_KNOWN, problem: unusable };
  const state = await reads.read(await accessTo(planned, address), plan.workload);
  const judged = judgeReplica(state);
  return {
    ...judged,
    unappliedBytes: judged.completeTo === null ? null : state.unappliedBytes,
    problem: judged.problem ?? saidByRds(found),
  };
}

/** RDS promotes no replica that it backs up, and knows why one is broken that still can be read. */
function saidByRds(found: RdsReplica | null): string | null {
  if (!found) return null;
  if (found.broken !== null) return `RDS says that its replication is ${found.broken}`;
  return found.status === 'available' ? null : `it is ${found.status}: RDS promotes one that is available`;
}
