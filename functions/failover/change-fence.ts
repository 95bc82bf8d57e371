import * as z from 'zod';
import { dynamoClient } from '../../shared/aws/clients/dynamodb.ts';
import { secretsClient } from '../../shared/aws/clients/secrets.ts';
import { systemClock } from '../../shared/clock/clock.ts';
import { readDatabaseAccess } from '../../shared/database/access.ts';
import { engineOf } from '../../shared/database/open/engine-name.ts';
import { openLeaseFences } from '../../shared/database/open/lease-fences.ts';
import { deployedPlan } from '../../shared/lambda/deployed-plan.ts';
import { LocksSettings } from '../../shared/lambda/environment.ts';
import { task } from '../../shared/lambda/task.ts';
import { createChangeFence } from '../../shared/lease/change-fence.ts';
import { FENCE_CHANGES, FenceAnswer } from '../../shared/lease/step-answers.ts';
import { dynamoLocks } from '../../shared/locks/dynamo-locks.ts';
import { databaseOf, leaseOf } from '../../shared/plan/lookup.ts';

/** Shows the fence of a database, or changes it as a person asked. Nothing else installs, lifts or removes one. */
export const handler = task(
  {
    name: 'change-fence',
    input: z.object({ database: z.string(), change: z.enum(FENCE_CHANGES) }),
    output: FenceAnswer,
    environment: LocksSettings,
  },
  ({ LOCKS_TABLE }) => {
    const { plan } = deployedPlan();
    const locks = dynamoLocks(dynamoClient({ region: plan.regions.standby }), LOCKS_TABLE, systemClock);
    const secrets = secretsClient();
    return async ({ database, change }, { signal }) => {
      const source = databaseOf(plan, database);
      const access = await readDatabaseAccess(secrets, source.postgres);
      return openLeaseFences(engineOf(source)).use(access, signal, (fence) =>
        createChangeFence(locks, fence)(change, {
          workload: plan.workload,
          database,
          owner: plan.regions.primary,
          lease: leaseOf(plan, database),
        }),
      );
    };
  },
);
