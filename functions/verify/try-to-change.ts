import { s3Client } from '../../shared/aws/clients/s3.ts';
import { ChangesRefused } from '../../shared/backup/step-answers.ts';
import { systemClock } from '../../shared/clock/clock.ts';
import { deployedPlan } from '../../shared/lambda/deployed-plan.ts';
import { VaultSettings } from '../../shared/lambda/environment.ts';
import { task } from '../../shared/lambda/task.ts';
import { DAY } from '../../shared/plan/values/duration.ts';
import { timed } from '../../shared/progress/phase.ts';
import { RunReference } from '../../shared/progress/run-reference.ts';
import { s3Vault } from '../../shared/vault/s3-vault.ts';
import { tryToChange } from '../../shared/vault/try-to-change.ts';

/** Locks an object that holds nothing, and tries all that would lose a recovery point on it. */
export const handler = task(
  { name: 'try-to-change', input: RunReference, output: ChangesRefused, environment: VaultSettings },
  ({ VAULT_BUCKET }) => {
    const { plan } = deployedPlan();
    const s3 = s3Client();
    const vault = s3Vault(s3, VAULT_BUCKET, plan.vault.lock);
    return ({ runId }, { requestId }) =>
      timed(systemClock, async () => {
        const probe = await vault.put(`probes/${runId}/${requestId}`, 'made to be tried on', {
          contentType: 'text/plain',
          lockedUntil: new Date(systemClock.now().getTime() + DAY),
        });
        return { refused: await tryToChange(s3, VAULT_BUCKET, probe) };
      });
  },
);
