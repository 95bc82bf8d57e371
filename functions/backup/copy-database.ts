import * as z from 'zod';
import { dynamoClient } from '../../shared/aws/clients/dynamodb.ts';
import { s3Client } from '../../shared/aws/clients/s3.ts';
import { secretsClient } from '../../shared/aws/clients/secrets.ts';
import { Label } from '../../shared/backup/label.ts';
import { logicalTaking } from '../../shared/backup/logical/take-backup.ts';
import { DatabaseCopied } from '../../shared/backup/step-answers.ts';
import { systemClock } from '../../shared/clock/clock.ts';
import { readDatabaseAccess } from '../../shared/database/access.ts';
import { engineOf } from '../../shared/database/open/engine-name.ts';
import { openSnapshots } from '../../shared/database/open/snapshots.ts';
import { dynamoJournal } from '../../shared/journal/dynamo-journal.ts';
import { recordKey } from '../../shared/journal/journal.ts';
import { journalProgress } from '../../shared/journal/journal-progress.ts';
import { deployedPlan } from '../../shared/lambda/deployed-plan.ts';
import { ConnectionSettings, JournalSettings, VaultSettings } from '../../shared/lambda/environment.ts';
import { task } from '../../shared/lambda/task.ts';
import { databaseOf, logicalBackupOf } from '../../shared/plan/lookup.ts';
import { timed } from '../../shared/progress/phase.ts';
import { RunReference } from '../../shared/progress/run-reference.ts';
import { s3Vault } from '../../shared/vault/s3-vault.ts';

/** Copies one database into the vault in one snapshot. See shared/backup for the steps. */
export const handler = task(
  {
    name: 'copy-database',
    input: RunReference.extend({ database: z.string(), backup: z.string(), label: Label.nullish() }),
    output: DatabaseCopied,
    environment: VaultSettings.extend({ ...JournalSettings.shape, ...ConnectionSettings.shape }),
  },
  ({ VAULT_BUCKET, JOURNAL_TABLE, CONNECTIONS }) => {
    const { plan, version } = deployedPlan();
    const vault = s3Vault(s3Client(), VAULT_BUCKET, plan.vault.lock);
    const journal = dynamoJournal(dynamoClient(), JOURNAL_TABLE, plan.workload);
    const secrets = secretsClient();

    return (run, { signal, requestId }) =>
      timed(systemClock, async () => {
        const database = databaseOf(plan, run.database);
        const backup = logicalBackupOf(database, run.backup);
        const progress = journalProgress(journal, recordKey('backup', run), systemClock);
        const { take } = logicalTaking({
          vault,
          snapshots: openSnapshots(engineOf(database)),
          clock: systemClock,
          progress,
          attempt: requestId.replaceAll('-', '').slice(0, 8),
          settings: {
            workload: plan.workload,
            planVersion: version,
            access: await readDatabaseAccess(secrets, database.postgres),
            rows: backup.logical.rows,
            retention: backup.retention,
            connections: Math.min(CONNECTIONS, database.postgres.connections),
          },
        });
        const { manifest } = await take({
          database: run.database,
          backup: run.backup,
          runId: run.runId,
          runStartedAt: new Date(run.runStartedAt),
          label: run.label,
          signal,
        });
        await progress.settled();
        const parts = manifest.tables.flatMap((table) => table.parts);
        const sum = (of: (part: (typeof parts)[number]) => number) =>
          parts.reduce((total, part) => total + of(part), 0);
        return {
          backup: run.backup,
          recoveryPoint: manifest.recoveryPoint,
          ...(manifest.label !== null && { label: manifest.label }),
          snapshotAt: manifest.snapshotAt,
          heartbeatAt: manifest.heartbeatAt,
          tables: manifest.tables.length,
          rows: sum((part) => part.rows),
          rawBytes: sum((part) => part.rawBytes),
          storedBytes: sum((part) => part.bytes),
        };
      });
  },
);
