import * as z from 'zod';
import { dynamoClient } from '../../shared/aws/clients/dynamodb.ts';
import { s3Client } from '../../shared/aws/clients/s3.ts';
import { secretsClient } from '../../shared/aws/clients/secrets.ts';
import { readManifest } from '../../shared/backup/logical/manifest.ts';
import { systemClock } from '../../shared/clock/clock.ts';
import { readDatabaseAccess } from '../../shared/database/access.ts';
import { storeChecks } from '../../shared/evidence/checks-store.ts';
import { dynamoJournal } from '../../shared/journal/dynamo-journal.ts';
import { recordKey } from '../../shared/journal/journal.ts';
import { journalProgress } from '../../shared/journal/journal-progress.ts';
import { deployedPlan } from '../../shared/lambda/deployed-plan.ts';
import { ConnectionSettings, JournalSettings, VaultSettings } from '../../shared/lambda/environment.ts';
import { task } from '../../shared/lambda/task.ts';
import { restoreTestOf } from '../../shared/plan/lookup.ts';
import { Phase, timed } from '../../shared/progress/phase.ts';
import { RunReference } from '../../shared/progress/run-reference.ts';
import { scratchName } from '../../shared/restore/scratch-database.ts';
import { createValidateRestore } from '../../shared/validation/validate-copy.ts';
import { decideVerdict, Verdict } from '../../shared/validation/verdict.ts';
import { s3Vault } from '../../shared/vault/s3-vault.ts';

/** Looks into the restored copy and says what that proves. What a valid restore is lives in shared/restore-test. */
export const handler = task(
  {
    name: 'validate-restore',
    input: RunReference.extend({ restoreTest: z.string(), recoveryPoint: z.string() }),
    output: Phase.extend({
      verdict: Verdict,
      reason: z.string(),
      checks: z.number().int(),
      recoveredTo: z.iso.datetime().nullable(),
    }),
    environment: VaultSettings.extend({ ...JournalSettings.shape, ...ConnectionSettings.shape }),
  },
  ({ VAULT_BUCKET, JOURNAL_TABLE, CONNECTIONS }) => {
    const { plan } = deployedPlan();
    const vault = s3Vault(s3Client(), VAULT_BUCKET, plan.vault.lock);
    const journal = dynamoJournal(dynamoClient(), JOURNAL_TABLE, plan.workload);
    const secrets = secretsClient();

    return ({ restoreTest: name, recoveryPoint, ...run }, { signal }) =>
      timed(systemClock, async () => {
        const restoreTest = restoreTestOf(plan, name);
        const server = await readDatabaseAccess(secrets, restoreTest.into.scratchDatabase);
        const progress = journalProgress(journal, recordKey('restore-test', run), systemClock);
        const { checks, recoveredTo } = await createValidateRestore({ vault, progress })({
          manifest: await readManifest(vault, { ...restoreTest.from, id: recoveryPoint }),
          scratch: { ...server, dbname: scratchName(run.runId) },
          plan: restoreTest,
          connections: CONNECTIONS,
          signal,
        });
        await progress.settled();
        const lockedUntil = new Date(systemClock.now().getTime() + plan.vault.evidenceRetention);
        const stored = await storeChecks(vault, run.runId, checks, lockedUntil);
        return {
          ...decideVerdict(stored),
          checks: stored.length,
          recoveredTo: recoveredTo?.toISOString() ?? null,
        };
      });
  },
);
