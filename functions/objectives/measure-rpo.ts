import * as z from 'zod';
import { dynamoClient } from '../../shared/aws/clients/dynamodb.ts';
import { rdsClient } from '../../shared/aws/clients/rds.ts';
import { s3Client } from '../../shared/aws/clients/s3.ts';
import { rdsPointsOf } from '../../shared/backup/open-rds-points.ts';
import { systemClock } from '../../shared/clock/clock.ts';
import { dynamoJournal } from '../../shared/journal/dynamo-journal.ts';
import { deployedPlan } from '../../shared/lambda/deployed-plan.ts';
import {
  DeploymentSettings,
  JournalSettings,
  RegionSettings,
  VaultSettings,
} from '../../shared/lambda/environment.ts';
import { task } from '../../shared/lambda/task.ts';
import { publishLoss } from '../../shared/objectives/loss-metrics.ts';
import { type LossNow, publishLosses } from '../../shared/objectives/loss-now.ts';
import { regionRoleOf } from '../../shared/plan/region-role.ts';
import { inStandby } from '../../shared/standby/plan-in-standby.ts';
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
          copy: z.object({ region: z.string(), newest: Age, problem: z.string().nullable() }).nullable(),
        }),
      ),
    }),
    environment: VaultSettings.extend({
      ...JournalSettings.shape,
      ...DeploymentSettings.shape,
      ...RegionSettings.shape,
    }),
  },
  ({ VAULT_BUCKET, JOURNAL_TABLE, DEPLOYMENT, AWS_REGION }) => {
    const { plan } = deployedPlan();
    const vault = s3Vault(s3Client(), VAULT_BUCKET, plan.vault.lock);
    const journal = dynamoJournal(dynamoClient(), JOURNAL_TABLE, plan.workload);
    const rdsIn = (region: string) => rdsClient({ region });
    const ports = { plan, vault, journal, rdsPoints: rdsPointsOf(plan, DEPLOYMENT, rdsIn) };
    const seen = regionRoleOf(plan, AWS_REGION) === 'standby' ? inStandby(ports) : ports;
    return async () => {
      const publish = (loss: LossNow) => publishLoss(plan.workload, loss);
      return { losses: await publishLosses(seen, systemClock.now(), publish) };
    };
  },
);
