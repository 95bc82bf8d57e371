import * as z from 'zod';
import { s3Client } from '../../shared/aws/clients/s3.ts';
import { secretsClient } from '../../shared/aws/clients/secrets.ts';
import { readManifest } from '../../shared/backup/logical/manifest.ts';
import { systemClock } from '../../shared/clock/clock.ts';
import { readDatabaseAccess } from '../../shared/database/access.ts';
import { deployedPlan } from '../../shared/lambda/deployed-plan.ts';
import { VaultSettings } from '../../shared/lambda/environment.ts';
import { task } from '../../shared/lambda/task.ts';
import { restoreTestOf } from '../../shared/plan/lookup.ts';
import { Phase, timed } from '../../shared/progress/phase.ts';
import { RunReference } from '../../shared/progress/run-reference.ts';
import { createScratch } from '../../shared/restore/scratch-database.ts';
import { s3Vault } from '../../shared/vault/s3-vault.ts';

/** Makes the empty database that the recovery point is loaded into, marked with its run and its expiry. */
export const handler = task(
  {
    name: 'create-scratch',
    input: RunReference.extend({ restoreTest: z.string(), recoveryPoint: z.string() }),
    output: Phase.extend({ scratch: z.string(), expiresAt: z.iso.datetime() }),
    environment: VaultSettings,
  },
  ({ VAULT_BUCKET }) => {
    const { plan } = deployedPlan();
    const vault = s3Vault(s3Client(), VAULT_BUCKET, plan.vault.lock);
    const secrets = secretsClient();
    return ({ runId, restoreTest, recoveryPoint }) =>
      timed(systemClock, async () => {
        const { from, into } = restoreTestOf(plan, restoreTest);
        const { source } = await readManifest(vault, { ...from, id: recoveryPoint });
        const expiresAt = new Date(systemClock.now().getTime() + into.scratchDatabase.expires);
        const server = await readDatabaseAccess(secrets, into.scratchDatabase);
        const made = await createScratch(server, { runId, workload: plan.workload, expiresAt }, source);
        return { scratch: made.dbname, expiresAt: expiresAt.toISOString() };
      });
  },
);
