import * as z from 'zod';
import { secretsClient } from '../../shared/aws/clients/secrets.ts';
import { systemClock } from '../../shared/clock/clock.ts';
import { readDatabaseAccess } from '../../shared/database/access.ts';
import { deployedPlan } from '../../shared/lambda/deployed-plan.ts';
import { task } from '../../shared/lambda/task.ts';
import { restoreTestOf } from '../../shared/plan/lookup.ts';
import { sweepScratch } from '../../shared/restore/scratch-database.ts';

/** Drops scratch databases past their expiry: what a run could not tear down itself. Started by a schedule. */
export const handler = task(
  {
    name: 'sweep-scratch',
    input: z.object({ restoreTest: z.string() }),
    output: z.object({
      dropped: z.array(z.string()),
      kept: z.array(z.string()),
      unmarked: z.array(z.string()),
    }),
    environment: z.object({}),
  },
  () => {
    const { plan } = deployedPlan();
    const secrets = secretsClient();
    return async ({ restoreTest }) => {
      const { scratchDatabase } = restoreTestOf(plan, restoreTest).into;
      const { dropped, kept, unmarked } = await sweepScratch(
        await readDatabaseAccess(secrets, scratchDatabase),
        plan.workload,
        systemClock.now(),
      );
      return { dropped: [...dropped], kept: [...kept], unmarked: [...unmarked] };
    };
  },
);
