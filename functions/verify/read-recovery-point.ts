import * as z from 'zod';
import { dynamoClient } from '../../shared/aws/clients/dynamodb.ts';
import { s3Client } from '../../shared/aws/clients/s3.ts';
import { readManifest } from '../../shared/backup/logical/manifest.ts';
import { readThrough } from '../../shared/backup/logical/read-through.ts';
import { RecoveryPointRead } from '../../shared/backup/step-answers.ts';
import { systemClock } from '../../shared/clock/clock.ts';
import { dynamoJournal } from '../../shared/journal/dynamo-journal.ts';
import { recordKey } from '../../shared/journal/journal.ts';
import { journalProgress } from '../../shared/journal/journal-progress.ts';
import { deployedPlan } from '../../shared/lambda/deployed-plan.ts';
import { JournalSettings, VaultSettings } from '../../shared/lambda/environment.ts';
import { task } from '../../shared/lambda/task.ts';
import { databaseOf, logicalBackupOf } from '../../shared/plan/lookup.ts';
import { timed } from '../../shared/progress/phase.ts';
import { RunReference } from '../../shared/progress/run-reference.ts';
import { s3Vault } from '../../shared/vault/s3-vault.ts';

/** Left to the objects that are being read when no other is begun any more: a part of a table takes a minute or two. */
const FOR_THE_LAST_MS = 5 * 60_000;

/** Reads the objects of a recovery point from one on, until they end or the time does. */
export const handler = task(
  {
    name: 'read-recovery-point',
    input: RunReference.extend({
      database: z.string(),
      backup: z.string(),
      recoveryPoint: z.string(),
      /** The first object to read. */
      next: z.int().nonnegative(),
      /** What the calls before have read. */
      storedBytes: z.int().nonnegative(),
    }),
    output: RecoveryPointRead,
    environment: VaultSettings.extend({ ...JournalSettings.shape, VAULT_KEY_ARN: z.string().min(1) }),
  },
  ({ VAULT_BUCKET, VAULT_KEY_ARN, JOURNAL_TABLE }) => {
    const { plan } = deployedPlan();
    const vault = s3Vault(s3Client(), VAULT_BUCKET, plan.vault.lock);
    const journal = dynamoJournal(dynamoClient(), JOURNAL_TABLE, plan.workload);
    return ({ database, backup, recoveryPoint, next, storedBytes, ...run }, { signal, until }) =>
      timed(systemClock, async () => {
        const { retention } = logicalBackupOf(databaseOf(plan, database), backup);
        const progress = journalProgress(journal, recordKey('verify', run), systemClock);
        const manifest = await readManifest(vault, { database, backup, id: recoveryPoint });
        let bytes = storedBytes;
        let done = next;
        const tasksTotal = 1 + manifest.tables.reduce((sum, { parts }) => sum + parts.length, 0);
        try {
          const read = await readThrough(vault, manifest, {
            from: next,
            until: new Date(until.getTime() - FOR_THE_LAST_MS),
            now: () => systemClock.now(),
            keeping: { lock: plan.vault.lock, encryptionKey: VAULT_KEY_ARN },
            signal,
            onObject(size) {
              bytes += size;
              done += 1;
              progress.report({ doing: 'reading the vault', bytes, tasksDone: done, tasksTotal });
            },
          });
          return {
            ...read,
            storedBytes: storedBytes + read.storedBytes,
            lockedUntil: manifest.lockedUntil,
            keptUntil: new Date(Date.parse(manifest.snapshotAt) + retention).toISOString(),
          };
        } finally {
          await progress.settled();
        }
      });
  },
);
