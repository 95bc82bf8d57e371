import * as z from 'zod';
import { secretsClient } from '../../shared/aws/clients/secrets.ts';
import { systemClock } from '../../shared/clock/clock.ts';
import { engineOf } from '../../shared/database/open/engine-name.ts';
import { openScratchServers } from '../../shared/database/open/scratch-servers.ts';
import { deployedPlan } from '../../shared/lambda/deployed-plan.ts';
import { countScheduledStart } from '../../shared/lambda/scheduled-start-metric.ts';
import { task } from '../../shared/lambda/task.ts';
import { databaseOf } from '../../shared/plan/lookup.ts';
import { MadeFor, plannedCopy } from '../../shared/restore/made-for.ts';
import { requireAllSwept } from '../../shared/restore/scratch.ts';
import { scratchDatabases } from '../../shared/restore/scratch-database.ts';
import { readServerAccess } from '../../shared/restore/server-access.ts';

/**
 * Drops expired scratch databases that their own run did not drop. Started by a schedule. Fails if one is left, so that the
 * alarm on its errors tells a person.
 */
export const handler = task(
  {
    name: 'sweep-scratch',
    input: MadeFor,
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
    return async (madeFor) => {
      const { from, server: planned } = plannedCopy(plan, madeFor);
      countScheduledStart('sweep-scratch', plan.workload, madeFor.restoreTest ?? madeFor.restore ?? '');
      const engine = engineOf(databaseOf(plan, from.database));
      const server = await readServerAccess(secrets, planned);
      const scratch = scratchDatabases(openScratchServers(engine), server);
      const sweep = await scratch.sweep(plan.workload, systemClock.now());
      requireAllSwept(sweep);
      const { dropped, kept, unmarked } = sweep;
      return { dropped: [...dropped], kept: [...kept], unmarked: [...unmarked] };
    };
  },
);
