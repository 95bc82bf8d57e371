import * as z from 'zod';
import { s3Client } from '../../shared/aws/clients/s3.ts';
import { secretsClient } from '../../shared/aws/clients/secrets.ts';
import { logicalRecoveryPoints } from '../../shared/backup/logical/logical-recovery-points.ts';
import { readStoredSchema } from '../../shared/backup/logical/read-stored.ts';
import { systemClock } from '../../shared/clock/clock.ts';
import { readDatabaseAccess } from '../../shared/database/access.ts';
import { engineOf } from '../../shared/database/open/engine-name.ts';
import { openScratchServers } from '../../shared/database/open/scratch-servers.ts';
import { connectionSecret, connectionSecretName } from '../../shared/handover/connection-secret.ts';
import { restoredDatabases } from '../../shared/handover/restored-database.ts';
import { CopyHandedOver } from '../../shared/handover/step-answers.ts';
import { deployedPlan } from '../../shared/lambda/deployed-plan.ts';
import { VaultSettings } from '../../shared/lambda/environment.ts';
import { task } from '../../shared/lambda/task.ts';
import { databaseOf, databaseRestoreOf } from '../../shared/plan/lookup.ts';
import { timed } from '../../shared/progress/phase.ts';
import { RunReference } from '../../shared/progress/run-reference.ts';
import { RestoreValidated } from '../../shared/validation/step-answers.ts';
import { s3Vault } from '../../shared/vault/s3-vault.ts';

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
    environment: VaultSettings,
  },
  ({ VAULT_BUCKET }) => {
    const { plan } = deployedPlan();
    const vault = s3Vault(s3Client(), VAULT_BUCKET, plan.vault.lock);
    const points = logicalRecoveryPoints(vault);
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
        // An attempt that handed it over before has applied what the source had.
        const definition =
          validated &&
          (await readStoredSchema(vault, (await points.find({ ...from, id: recoveryPoint })).manifest));
        const mark = await restored.handOver(
          {
            runId,
            name,
            owner,
            grants,
            settings,
            definition,
            mark: validated && { lifeboat: 'restored', runId, workload, recoveryPoint, validated },
          },
          connectionSecret(secrets, { name: secret, workload, runId }),
        );
        const { applied } = mark;
        return {
          database: name,
          login: name,
          owner: applied?.owner ?? owner ?? name,
          secret,
          ...(applied && applied.grantsLeftOut.length > 0 && { grantsLeftOut: applied.grantsLeftOut }),
          ...(applied?.fromSource && { fromSource: applied.fromSource }),
          recoveryPoint: mark.recoveryPoint,
          validated: mark.validated,
        };
      });
  },
);
