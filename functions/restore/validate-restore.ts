import * as z from 'zod';
import { dynamoClient } from '../../shared/aws/clients/dynamodb.ts';
import { s3Client } from '../../shared/aws/clients/s3.ts';
import { secretsClient } from '../../shared/aws/clients/secrets.ts';
import { logicalRecoveryPoints } from '../../shared/backup/logical/logical-recovery-points.ts';
import { systemClock } from '../../shared/clock/clock.ts';
import { openComparisons } from '../../shared/database/open/comparisons.ts';
import { engineOf } from '../../shared/database/open/engine-name.ts';
import { openScratchServers } from '../../shared/database/open/scratch-servers.ts';
import { storeChecks } from '../../shared/evidence/checks-store.ts';
import { dynamoJournal } from '../../shared/journal/dynamo-journal.ts';
import { recordKey } from '../../shared/journal/journal.ts';
import { journalProgress } from '../../shared/journal/journal-progress.ts';
import { deployedPlan } from '../../shared/lambda/deployed-plan.ts';
import { ConnectionSettings, JournalSettings, VaultSettings } from '../../shared/lambda/environment.ts';
import { task } from '../../shared/lambda/task.ts';
import { databaseOf } from '../../shared/plan/lookup.ts';
import { timed } from '../../shared/progress/phase.ts';
import { RunReference } from '../../shared/progress/run-reference.ts';
import { MadeFor, Only, plannedCopy } from '../../shared/restore/made-for.ts';
import { scratchDatabases } from '../../shared/restore/scratch-database.ts';
import { readServerAccess } from '../../shared/restore/server-access.ts';
import { RestoredInstance } from '../../shared/restore/step-answers.ts';
import { RestoreValidated } from '../../shared/validation/step-answers.ts';
import { createValidateCopy } from '../../shared/validation/validate-copy.ts';
import { decideVerdict } from '../../shared/validation/verdict.ts';
import { s3Vault } from '../../shared/vault/s3-vault.ts';

/**
 * Compares the restored copy with its source and reports what the result proves.
 * See shared/validation for what makes a copy valid.
 */
export const handler = task(
  {
    name: 'validate-restore',
    input: RunReference.extend({
      ...MadeFor.shape,
      recoveryPoint: z.string(),
      only: Only,
      /** The instance that this run made to load the recovery point into. */
      instance: RestoredInstance.nullish(),
    }),
    output: RestoreValidated,
    environment: VaultSettings.extend({ ...JournalSettings.shape, ...ConnectionSettings.shape }),
  },
  ({ VAULT_BUCKET, JOURNAL_TABLE, CONNECTIONS }) => {
    const { plan } = deployedPlan();
    const vault = s3Vault(s3Client(), VAULT_BUCKET, plan.vault.lock);
    const points = logicalRecoveryPoints(vault);
    const journal = dynamoJournal(dynamoClient(), JOURNAL_TABLE, plan.workload);
    const secrets = secretsClient();

    return ({ restoreTest, restore, recoveryPoint, only, instance, ...run }, { signal }) =>
      timed(systemClock, async () => {
        const copy = plannedCopy(plan, { restoreTest, restore });
        const { machine, from } = copy;
        const engine = engineOf(databaseOf(plan, from.database));
        const { manifest } = await points.find({ ...from, id: recoveryPoint });
        const server = await readServerAccess(secrets, copy.server, instance);
        const scratch = scratchDatabases(openScratchServers(engine), server, {
          stays: restore !== undefined,
        });
        const progress = journalProgress(journal, recordKey(machine, run), systemClock);
        const validateCopy = createValidateCopy({ vault, comparisons: openComparisons(engine), progress });
        const { checks, recoveredTo } = await validateCopy({
          manifest,
          only,
          copy: await scratch.open(run.runId, manifest.source),
          plan: copy,
          connections: CONNECTIONS,
          signal,
        });
        await progress.settled();
        const lockedUntil = new Date(systemClock.now().getTime() + plan.vault.evidenceRetention);
        const stored = await storeChecks(vault, { machine, ...run }, checks, lockedUntil);
        return {
          ...decideVerdict(stored),
          checks: stored.length,
          runStartedAt: run.runStartedAt,
          ...(only && only.length > 0 && { only }),
          recoveredTo: recoveredTo?.toISOString() ?? null,
        };
      });
  },
);
