import * as z from 'zod';
import { secretsClient } from '../../shared/aws/clients/secrets.ts';
import { systemClock } from '../../shared/clock/clock.ts';
import { readDatabaseAccess } from '../../shared/database/access.ts';
import { deployedPlan } from '../../shared/lambda/deployed-plan.ts';
import { task } from '../../shared/lambda/task.ts';
import { restoreTestOf } from '../../shared/plan/lookup.ts';
import { Phase, timed } from '../../shared/progress/phase.ts';
import { RunReference } from '../../shared/progress/run-reference.ts';
import { dropScratch } from '../../shared/restore/scratch-database.ts';

/** Drops the run's scratch database, and nothing else. */
export const handler = task(
  {
    name: 'drop-scratch',
    input: RunReference.extend({ restoreTest: z.string() }),
    output: Phase.extend({ dropped: z.boolean() }),
    environment: z.object({}),
  },
  () => {
    const { plan } = deployedPlan();
    const secrets = secretsClient();
    return ({ runId, restoreTest }) =>
      timed(systemClock, async () => {
        const { scratchDatabase } = restoreTestOf(plan, restoreTest).into;
        return dropScratch(await readDatabaseAccess(secrets, scratchDatabase), runId);
      });
  },
);
