import * as z from 'zod';
import { secretsClient } from '../../shared/aws/clients/secrets.ts';
import { systemClock } from '../../shared/clock/clock.ts';
import { readDatabaseAccess } from '../../shared/database/access.ts';
import { engineOf } from '../../shared/database/open/engine-name.ts';
import { openScratchServers } from '../../shared/database/open/scratch-servers.ts';
import { deployedPlan } from '../../shared/lambda/deployed-plan.ts';
import { task } from '../../shared/lambda/task.ts';
import { databaseOf, restoreTestOf } from '../../shared/plan/lookup.ts';
import { timed } from '../../shared/progress/phase.ts';
import { RunReference } from '../../shared/progress/run-reference.ts';
import { scratchDatabases } from '../../shared/restore/scratch-database.ts';
import { ScratchDropped } from '../../shared/restore/step-answers.ts';

/** Drops the run's scratch database, and nothing else. */
export const handler = task(
  {
    name: 'drop-scratch',
    input: RunReference.extend({ restoreTest: z.string() }),
    output: ScratchDropped,
    environment: z.object({}),
  },
  () => {
    const { plan } = deployedPlan();
    const secrets = secretsClient();
    return ({ runId, restoreTest }) =>
      timed(systemClock, async () => {
        const { from, into } = restoreTestOf(plan, restoreTest);
        const engine = engineOf(databaseOf(plan, from.database));
        const server = await readDatabaseAccess(secrets, into.scratchDatabase);
        return scratchDatabases(openScratchServers(engine), server).drop(runId);
      });
  },
);
