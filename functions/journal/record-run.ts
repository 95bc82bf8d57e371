import * as z from 'zod';
import { dynamoClient } from '../../shared/aws/clients/dynamodb.ts';
import { s3Client } from '../../shared/aws/clients/s3.ts';
import { systemClock } from '../../shared/clock/clock.ts';
import { dynamoJournal } from '../../shared/journal/dynamo-journal.ts';
import { deployedPlan } from '../../shared/lambda/deployed-plan.ts';
import { JournalSettings, VaultSettings } from '../../shared/lambda/environment.ts';
import { task } from '../../shared/lambda/task.ts';
import { publishMetrics } from '../../shared/run/metrics.ts';
import { createRecordRun, OCCASIONS } from '../../shared/run/record-run.ts';
import { RunReport } from '../../shared/run/report.ts';
import { s3Vault } from '../../shared/vault/s3-vault.ts';

/** Stores a run's results: locked evidence, the journal record and metrics. Returns what to announce. */
export const handler = task(
  {
    name: 'record-run',
    input: RunReport,
    output: z.object({
      evidence: z.string(),
      subject: z.string(),
      message: z.string(),
      /** False for a failure that was announced already. */
      announce: z.boolean(),
      /** What the machine notes in the journal once it has announced the run. */
      note: z.object({ series: z.string(), announced: z.string() }).nullable(),
      /** By which subscriptions filter the announcement. */
      occasion: z.enum(OCCASIONS),
      /** Why the run ended this way; for a failure, the cause given to the machine's `Fail` state. */
      fullReason: z.string(),
    }),
    environment: VaultSettings.extend(JournalSettings.shape),
  },
  ({ VAULT_BUCKET, JOURNAL_TABLE }) => {
    const deployed = deployedPlan();
    const { plan } = deployed;
    const recordRun = createRecordRun({
      ...deployed,
      clock: systemClock,
      vault: s3Vault(s3Client(), VAULT_BUCKET, plan.vault.lock),
      vaultLocation: `s3://${VAULT_BUCKET}`,
      journal: dynamoJournal(dynamoClient(), JOURNAL_TABLE, plan.workload),
      publish: publishMetrics,
    });
    return (report) => recordRun(report);
  },
);
