import { type Assessment, assess } from '../../shared/failover/assess.ts';
import { dynamoFailoverState } from '../../shared/failover/dynamo-failover-state.ts';
import { type Gate, gateOnLag } from '../../shared/failover/gate-on-lag.ts';
import { subjectsOf } from '../../shared/failover/subjects.ts';
import { readSwitch } from '../../shared/failover/watch.ts';
import { waysOf } from '../../shared/failover/ways.ts';
import type { LossNow } from '../../shared/objectives/loss-now.ts';
import type { Workload } from '../workload.ts';
import type { ReplicaSeen } from './replicas.ts';

/** What is seen of the primary Region, and what would follow from it. */
export interface FailoverSeen {
  readonly assessment: Assessment;
  /** Whether a promotion now would go on by itself, for each database. */
  readonly gates: readonly { readonly database: string; readonly decision: Gate }[];
}

/** Reads what the watcher kept and decides by it. Asks nothing of the primary Region. Null where nothing watches from here. */
export async function gatherFailover(
  { plan, clients, deployment }: Workload,
  { losses, replicas }: { losses: readonly LossNow[]; replicas: readonly ReplicaSeen[] | null },
  now: Date,
): Promise<FailoverSeen | null> {
  const { failover } = plan;
  if (!failover || deployment.failoverTable === null) return null;
  const state = dynamoFailoverState(clients.dynamodb, deployment.failoverTable);
  const [all, switchedOff] = await Promise.all([state.sightings(), readSwitch(state, now)]);
  const subjects = subjectsOf(failover.signals);
  const sightings = all.filter(({ signal, subject }) => subjects[signal] === subject);
  const maxLoss = failover.lagGate ? failover.lagGate.maxLoss : plan.objectives.rpo;
  return {
    assessment: assess({ ...failover, sightings, switchedOff, lastFailover: null }, now),
    gates: Object.keys(plan.databases).map((database) => ({
      database,
      decision: gateOnLag(
        {
          ways: waysOf({ losses, replicas: replicas ?? [] }, database, now),
          fencedAt: null,
          maxLoss,
          accepted: [],
        },
        now,
      ),
    })),
  };
}
