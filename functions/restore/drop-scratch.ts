import * as z from 'zod';
import { secretsClient } from '../../shared/aws/clients/secrets.ts';
import { systemClock } from '../../shared/clock/clock.ts';
import { engineOf } from '../../shared/database/open/engine-name.ts';
import { openScratchServers } from '../../shared/database/open/scratch-servers.ts';
import { deployedPlan } from '../../shared/lambda/deployed-plan.ts';
import { task } from '../../shared/lambda/task.ts';
import { databaseOf } from '../../shared/plan/lookup.ts';
import { timed } from '../../shared/progress/phase.ts';
import { RunReference } from '../../shared/progress/run-reference.ts';
import { MadeFor, plannedCopy } from '../../shared/restore/made-for.ts';
import { scratchDatabases } from '../../shared/restore/scratch-database.ts';
import { readServerAccess } from '../../shared/restore/server-access.ts';
import { ScratchDropped } from '../../shared/restore/step-answers.ts';

/** Drops the run's scratch database, and nothing else. */
export const handler = task(
  {
    name: 'drop-scratch',
    input: RunReference.extend(MadeFor.shape),
    output: ScratchDropped,
    environment: z.object({}),
  },
  () => {
    const { plan } = deployedPlan();
    const secrets = secretsClient();
    return ({ runId, ...madeFor }) =>
      timed(systemClock, async () => {
        const { from, server: planned } = plannedCopy(plan, madeFor);
        const engine = engineOf(databaseOf(plan, from.database));
        const server = await readServerAccess(secrets, planned);
        return scratchDatabases(openScratchServers(engine), server).drop(runId);
      });
  },
);
