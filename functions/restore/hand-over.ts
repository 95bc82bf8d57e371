import * as z from 'zod';
import { secretsClient } from '../../shared/aws/clients/secrets.ts';
import { systemClock } from '../../shared/clock/clock.ts';
import { readDatabaseAccess } from '../../shared/database/access.ts';
import { engineOf } from '../../shared/database/open/engine-name.ts';
import { openScratchServers } from '../../shared/database/open/scratch-servers.ts';
import { connectionSecret, connectionSecretName } from '../../shared/handover/connection-secret.ts';
import { restoredDatabases } from '../../shared/handover/restored-database.ts';
import { CopyHandedOver } from '../../shared/handover/step-answers.ts';
import { deployedPlan } from '../../shared/lambda/deployed-plan.ts';
import { task } from '../../shared/lambda/task.ts';
import { databaseOf, databaseRestoreOf } from '../../shared/plan/lookup.ts';
import { timed } from '../../shared/progress/phase.ts';
import { RunReference } from '../../shared/progress/run-reference.ts';
import { RestoreValidated } from '../../shared/validation/step-answers.ts';

/** Gives a validated copy its name, owner, grants and settings, and keeps its connection details in a secret. */
export const handler = task(
  {
    name: 'hand-over',
    input: RunReference.extend({
      restore: z.string(),
      into: z.string(),
      recoveryPoint: z.string(),
      /** Null where an earlier attempt of the run handed the copy over. */
      validated: RestoreValidated.nullable(),
    }),
    output: CopyHandedOver,
    environment: z.object({}),
  },
  () => {
    const { plan } = deployedPlan();
    const secrets = secretsClient();
    return ({ runId, restore, into: name, recoveryPoint, validated }) =>
      timed(systemClock, async () => {
        const { from, server: planned, owner = null, grants, settings } = databaseRestoreOf(plan, restore);
        const server = await readDatabaseAccess(secrets, planned);
        const restored = restoredDatabases(
          openScratchServers(engineOf(databaseOf(plan, from.database))),
          server,
        );
        const { workload } = plan;
        const secret = connectionSecretName(workload, name, runId);
        const { mark, grantsLeftOut } = await restored.handOver(
          {
            runId,
            name,
            owner,
            grants,
            settings,
            mark: validated && { lifeboat: 'restored', runId, workload, recoveryPoint, validated },
          },
          connectionSecret(secrets, { name: secret, workload, runId }),
        );
        return {
          database: name,
          login: name,
          owner: owner ?? name,
          secret,
          ...(grantsLeftOut.length > 0 && { grantsLeftOut: [...grantsLeftOut] }),
          recoveryPoint: mark.recoveryPoint,
          validated: mark.validated,
        };
      });
  },
);
