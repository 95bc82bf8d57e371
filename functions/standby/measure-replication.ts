import * as z from 'zod';
import { s3Client } from '../../shared/aws/clients/s3.ts';
import { systemClock } from '../../shared/clock/clock.ts';
import { deployedPlan } from '../../shared/lambda/deployed-plan.ts';
import { VaultSettings } from '../../shared/lambda/environment.ts';
import { task } from '../../shared/lambda/task.ts';
import { s3Replication } from '../../shared/standby/replication.ts';
import { replicatedBackups, replicationLag } from '../../shared/standby/replication-lag.ts';
import { publishReplication } from '../../shared/standby/replication-metrics.ts';
import { s3Vault } from '../../shared/vault/s3-vault.ts';

/** Publishes how far the standby Region's vault is behind. Runs in the primary Region, started by a schedule. */
export const handler = task(
  {
    name: 'measure-replication',
    input: z.object({}),
    output: z.object({
      lags: z.array(
        z.object({
          database: z.string(),
          backup: z.string(),
          replicated: z.object({ id: z.string(), ageSeconds: z.number() }).nullable(),
          waiting: z
            .object({
              id: z.string(),
              ageSeconds: z.number(),
              pending: z.number(),
              failed: z.number(),
              notAskedFor: z.number(),
            })
            .nullable(),
        }),
      ),
    }),
    environment: VaultSettings,
  },
  ({ VAULT_BUCKET }) => {
    const { plan } = deployedPlan();
    const s3 = s3Client();
    const vault = s3Vault(s3, VAULT_BUCKET, plan.vault.lock);
    const ports = { vault, replicationOf: s3Replication(s3, VAULT_BUCKET) };
    return async () => {
      const now = systemClock.now();
      const lags = await Promise.all(replicatedBackups(plan).map((of) => replicationLag(of, ports, now)));
      publishReplication(plan.workload, lags);
      return { lags };
    };
  },
);
