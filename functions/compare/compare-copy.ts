import * as z from 'zod';
import { secretsClient } from '../../shared/aws/clients/secrets.ts';
import { systemClock } from '../../shared/clock/clock.ts';
import { readDatabaseAccess } from '../../shared/database/access.ts';
import { openComparisons } from '../../shared/database/open/comparisons.ts';
import { engineOf } from '../../shared/database/open/engine-name.ts';
import { openScratchServers } from '../../shared/database/open/scratch-servers.ts';
import { openSnapshots } from '../../shared/database/open/snapshots.ts';
import { createCompareWithSource } from '../../shared/handover/compare-with-source.ts';
import { connectionSecretName } from '../../shared/handover/connection-secret.ts';
import { restoredDatabases } from '../../shared/handover/restored-database.ts';
import { CopyCompared } from '../../shared/handover/step-answers.ts';
import { deployedPlan } from '../../shared/lambda/deployed-plan.ts';
import { ConnectionSettings } from '../../shared/lambda/environment.ts';
import { task } from '../../shared/lambda/task.ts';
import { databaseOf, databaseRestoreOf } from '../../shared/plan/lookup.ts';

/** After this time no table is begun, so that the caller hears how far it is. */
const ANSWER_AFTER_MS = 20_000;

/** Compares a restored database with its live source. Each call compares some tables, and says where the next goes on. */
export const handler = task(
  {
    name: 'compare-copy',
    input: z.object({
      /** The place of the plan that it was restored to. */
      restore: z.string().min(1),
      /** The restored database. */
      copy: z.string().min(1),
      /** The table after which it goes on; null to begin. */
      after: z.string().nullable().default(null),
    }),
    output: CopyCompared,
    environment: ConnectionSettings,
  },
  ({ CONNECTIONS }) => {
    const { plan } = deployedPlan();
    const secrets = secretsClient();
    return async ({ restore, copy, after }, { signal }) => {
      const until = new Date(systemClock.now().getTime() + ANSWER_AFTER_MS);
      const { from, server: planned } = databaseRestoreOf(plan, restore);
      const database = databaseOf(plan, from.database);
      const engine = engineOf(database);
      const server = await readDatabaseAccess(secrets, planned);
      const mark = await restoredDatabases(openScratchServers(engine), server).markOf(copy, plan.workload);
      const only = mark.validated.only ?? [];
      const compareWithSource = createCompareWithSource({
        snapshots: openSnapshots(engine),
        comparisons: openComparisons(engine),
        clock: systemClock,
      });
      const compared = await compareWithSource({
        source: await readDatabaseAccess(secrets, database.postgres),
        copy: await readDatabaseAccess(secrets, {
          secret: connectionSecretName(plan.workload, copy, mark.runId),
          certificateAuthority: planned.certificateAuthority,
        }),
        only,
        after,
        connections: CONNECTIONS,
        until,
        signal,
      });
      return { ...compared, recoveryPoint: mark.recoveryPoint, only };
    };
  },
);
