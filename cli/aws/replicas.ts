import { wordsOf } from '../../shared/aws/service-error.ts';
import { replicasOf } from '../../shared/replica/measure-replica.ts';
import type { ReplicaLag } from '../../shared/replica/replica.ts';
import { ReplicasMeasured } from '../../shared/replica/step-answers.ts';
import type { Workload } from '../workload.ts';
import { callFunction } from './call-function.ts';

/** How far a replica is, or why that is not known. */
export type ReplicaSeen =
  | ReplicaLag
  | (Pick<ReplicaLag, 'database' | 'replica' | 'region'> & { readonly problem: string });

/**
 * How far the plan's read replicas are, by the function in the standby Region: only that Region's network reaches them. Null where no
 * standby Region is deployed.
 */
export async function gatherReplicas(workload: Workload): Promise<ReplicaSeen[] | null> {
  const { plan, region, deployment } = workload;
  const { standby } = plan.regions;
  if (region !== standby && deployment.replicatedTo === null) return null;
  const planned = replicasOf(plan);
  if (planned.length === 0) return [];
  try {
    return [...(await measured(workload, standby))];
  } catch (error) {
    const problem = wordsOf(error);
    return planned.map(({ database, replica }) => ({ database, replica, region: standby, problem }));
  }
}

async function measured({ clients, deployment }: Workload, standby: string): Promise<ReplicaLag[]> {
  const answer = await callFunction(
    clients.lambdaIn(standby),
    deployment.measureReplica,
    {},
    { more: ': see its log' },
  );
  return ReplicasMeasured.parse(answer).lags;
}
