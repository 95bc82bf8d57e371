import * as z from 'zod';
import { dynamoClient } from '../../shared/aws/clients/dynamodb.ts';
import { s3Client } from '../../shared/aws/clients/s3.ts';
import { systemClock } from '../../shared/clock/clock.ts';
import { dynamoJournal } from '../../shared/journal/dynamo-journal.ts';
import { deployedPlan } from '../../shared/lambda/deployed-plan.ts';
import { JournalSettings, VaultSettings } from '../../shared/lambda/environment.ts';
import { task } from '../../shared/lambda/task.ts';
import { publishLoss } from '../../shared/objectives/loss-metrics.ts';
import { lossesNow } from '../../shared/objectives/loss-now.ts';
import { s3Vault } from '../../shared/vault/s3-vault.ts';

const Age = z.object({ id: z.string(), ageSeconds: z.number() }).nullable();

/** Publishes the age of the newest recovery point and of the newest verified one, for each backup. Started by a schedule. */
export const handler = task(
  {
    name: 'measure-rpo',
    input: z.object({}),
    output: z.object({
      losses: z.array(
        z.object({
          database: z.string(),
          backup: z.string(),
          newest: Age,
          newestVerified: Age,
          met: z.boolean().nullable(),
        }),
      ),
    }),
    environment: VaultSettings.extend(JournalSettings.shape),
  },
  ({ VAULT_BUCKET, JOURNAL_TABLE }) => {
    const { plan } = deployedPlan();
    const vault = s3Vault(s3Client(), VAULT_BUCKET, plan.vault.lock);
    const journal = dynamoJournal(dynamoClient(), JOURNAL_TABLE, plan.workload);
    return async () => {
      const losses = await lossesNow({ plan, vault, journal }, systemClock.now());
      for (const loss of losses) publishLoss(plan.workload, loss);
      return { losses };
    };
  },
);
