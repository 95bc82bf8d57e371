import * as z from 'zod';
import { secretsClient } from '../../shared/aws/clients/secrets.ts';
import { systemClock } from '../../shared/clock/clock.ts';
import { readDatabaseAccess } from '../../shared/database/access.ts';
import { engineOf } from '../../shared/database/open/engine-name.ts';
import { openHeartbeats } from '../../shared/database/open/heartbeats.ts';
import { deployedPlan } from '../../shared/lambda/deployed-plan.ts';
import { countHeartbeat } from '../../shared/lambda/heartbeat-metric.ts';
import { task } from '../../shared/lambda/task.ts';
import { databaseOf } from '../../shared/plan/lookup.ts';

/** Writes the row that later shows how recent a recovered copy is. Started by a schedule. */
export const handler = task(
  {
    name: 'write-heartbeat',
    input: z.object({ database: z.string() }),
    output: z.object({ beatAt: z.iso.datetime() }),
    environment: z.object({}),
  },
  () => {
    const { plan } = deployedPlan();
    const secrets = secretsClient();
    return async ({ database }) => {
      const source = databaseOf(plan, database);
      const access = await readDatabaseAccess(secrets, source.postgres);
      const now = systemClock.now();
      await openHeartbeats(engineOf(source)).beat(access, plan.workload, now);
      countHeartbeat(plan.workload, database);
      return { beatAt: now.toISOString() };
    };
  },
);
