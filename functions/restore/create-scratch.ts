import * as z from 'zod';
import { s3Client } from '../../shared/aws/clients/s3.ts';
import { secretsClient } from '../../shared/aws/clients/secrets.ts';
import { logicalRecoveryPoints } from '../../shared/backup/logical/logical-recovery-points.ts';
import { systemClock } from '../../shared/clock/clock.ts';
import { engineOf } from '../../shared/database/open/engine-name.ts';
import { openScratchServers } from '../../shared/database/open/scratch-servers.ts';
import { restoredDatabases } from '../../shared/handover/restored-database.ts';
import { deployedPlan } from '../../shared/lambda/deployed-plan.ts';
import { VaultSettings } from '../../shared/lambda/environment.ts';
import { task } from '../../shared/lambda/task.ts';
import { databaseOf } from '../../shared/plan/lookup.ts';
import { timed } from '../../shared/progress/phase.ts';
import { RunReference } from '../../shared/progress/run-reference.ts';
import { MadeFor, plannedCopy } from '../../shared/restore/made-for.ts';
import { scratchDatabases } from '../../shared/restore/scratch-database.ts';
import { readServerAccess } from '../../shared/restore/server-access.ts';
import { RestoredInstance, ScratchCreated } from '../../shared/restore/step-answers.ts';
import { s3Vault } from '../../shared/vault/s3-vault.ts';

/** Creates the empty database that receives the recovery point, tagged with its run and its expiry. */
export const handler = task(
  {
    name: 'create-scratch',
    input: RunReference.extend({
      ...MadeFor.shape,
      recoveryPoint: z.string(),
      /** The name that the copy gets in the end, for a restore that stays. */
      into: z.string().optional(),
      /** The instance that this run made to load the recovery point into. */
      instance: RestoredInstance.nullish(),
    }),
    output: ScratchCreated,
    environment: VaultSettings,
  },
  ({ VAULT_BUCKET }) => {
    const { plan } = deployedPlan();
    const points = logicalRecoveryPoints(s3Vault(s3Client(), VAULT_BUCKET, plan.vault.lock));
    const secrets = secretsClient();
    return ({ runId, recoveryPoint, into, instance, ...madeFor }) =>
      timed(systemClock, async () => {
        const { from, server: planned } = plannedCopy(plan, madeFor);
        const engine = engineOf(databaseOf(plan, from.database));
        const { manifest } = await points.find({ ...from, id: recoveryPoint });
        const expiresAt = new Date(systemClock.now().getTime() + planned.expires);
        const server = await readServerAccess(secrets, planned, instance);
        const servers = openScratchServers(engine);
        if (into !== undefined) {
          const restored = await restoredDatabases(servers, server).find(into, runId, manifest.source);
          if (restored) return { scratch: into, expiresAt: expiresAt.toISOString(), handedOver: true };
        }
        const scratch = scratchDatabases(servers, server, { stays: into !== undefined });
        const created = await scratch.create({ runId, workload: plan.workload, expiresAt }, manifest.source);
        return {
          scratch: created.dbname,
          expiresAt: expiresAt.toISOString(),
          sharesLogin: created.sharesLogin,
        };
      });
  },
);
