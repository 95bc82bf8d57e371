import * as z from 'zod';
import { rdsClient } from '../../shared/aws/clients/rds.ts';
import { secretsClient } from '../../shared/aws/clients/secrets.ts';
import { readDatabaseAccess } from '../../shared/database/access.ts';
import { engineOf } from '../../shared/database/open/engine-name.ts';
import { openReplicaReads } from '../../shared/database/open/replica-reads.ts';
import { deployedPlan } from '../../shared/lambda/deployed-plan.ts';
import { task } from '../../shared/lambda/task.ts';
import { databaseOf } from '../../shared/plan/lookup.ts';
import { measureReplica, type PlannedReplica, replicasOf } from '../../shared/replica/measure-replica.ts';
import { rdsReplicas } from '../../shared/replica/rds-replicas.ts';
import { publishReplica } from '../../shared/replica/replica-metric.ts';
import { ReplicasMeasured } from '../../shared/replica/step-answers.ts';

/**
 * Publishes how far the plan's read replicas are behind. Runs in the standby Region, where they are, and asks the primary one for nothing.
 * Started by a schedule, and called by "lifeboat status".
 */
export const handler = task(
  {
    name: 'measure-replica',
    input: z.object({}),
    output: ReplicasMeasured,
    environment: z.object({}),
  },
  () => {
    const { plan } = deployedPlan();
    const { standby: region } = plan.regions;
    const secrets = secretsClient();
    const replicas = rdsReplicas(rdsClient({ region }), region);
    const measure = (planned: PlannedReplica) => {
      const source = databaseOf(plan, planned.database);
      const ports = {
        plan,
        replicas,
        reads: openReplicaReads(engineOf(source)),
        // A replica has the roles of its source, and an address of its own.
        accessTo: async (_: PlannedReplica, address: { host: string; port: number }) => ({
          ...(await readDatabaseAccess(secrets, source.postgres)),
          ...address,
        }),
      };
      return measureReplica(ports, planned);
    };
    return async () => {
      const lags = await Promise.all(replicasOf(plan).map(measure));
      for (const lag of lags) publishReplica(plan.workload, lag);
      return { lags };
    };
  },
);
