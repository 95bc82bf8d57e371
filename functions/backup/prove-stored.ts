import * as z from 'zod';
import { s3Client } from '../../shared/aws/clients/s3.ts';
import { logicalProving } from '../../shared/backup/logical/prove-stored.ts';
import { BackupProven } from '../../shared/backup/step-answers.ts';
import { systemClock } from '../../shared/clock/clock.ts';
import { deployedPlan } from '../../shared/lambda/deployed-plan.ts';
import { VaultSettings } from '../../shared/lambda/environment.ts';
import { task } from '../../shared/lambda/task.ts';
import { timed } from '../../shared/progress/phase.ts';
import { s3Vault } from '../../shared/vault/s3-vault.ts';

/** Checks in the vault that every object of a new recovery point is present, complete, encrypted and locked. */
export const handler = task(
  {
    name: 'prove-stored',
    input: z.object({ database: z.string(), backup: z.string(), recoveryPoint: z.string() }),
    output: BackupProven,
    environment: VaultSettings.extend({ VAULT_KEY_ARN: z.string().min(1) }),
  },
  ({ VAULT_BUCKET, VAULT_KEY_ARN }) => {
    const { plan } = deployedPlan();
    const { prove } = logicalProving({
      vault: s3Vault(s3Client(), VAULT_BUCKET, plan.vault.lock),
      keeping: { lock: plan.vault.lock, encryptionKey: VAULT_KEY_ARN },
    });
    return ({ database, backup, recoveryPoint }) =>
      timed(systemClock, () => prove({ database, backup, id: recoveryPoint }));
  },
);
