import * as z from 'zod';
import { dynamoClient } from '../../shared/aws/clients/dynamodb.ts';
import { s3Client } from '../../shared/aws/clients/s3.ts';
import { secretsClient } from '../../shared/aws/clients/secrets.ts';
import { nearestManifest } from '../../shared/backup/logical/nearest-manifest.ts';
import { methodNameOf } from '../../shared/backup/open-method.ts';
import { systemClock } from '../../shared/clock/clock.ts';
import { readManagedAccess } from '../../shared/database/access.ts';
import { openComparisons } from '../../shared/database/open/comparisons.ts';
import { engineOf } from '../../shared/database/open/engine-name.ts';
import { openStorageChecks } from '../../shared/database/open/storage-checks.ts';
import { storeChecks } from '../../shared/evidence/checks-store.ts';
import { dynamoJournal } from '../../shared/journal/dynamo-journal.ts';
import { recordKey } from '../../shared/journal/journal.ts';
import { journalProgress } from '../../shared/journal/journal-progress.ts';
import { deployedPlan } from '../../shared/lambda/deployed-plan.ts';
import { ConnectionSettings, JournalSettings, VaultSettings } from '../../shared/lambda/environment.ts';
import { InvalidInput, task } from '../../shared/lambda/task.ts';
import { backupOf, databaseOf } from '../../shared/plan/lookup.ts';
import { timed } from '../../shared/progress/phase.ts';
import { RunReference } from '../../shared/progress/run-reference.ts';
import { MadeFor, plannedInstance } from '../../shared/restore/made-for.ts';
import { BetweenHeartbeats, InstanceRead, InstanceRestored } from '../../shared/restore/step-answers.ts';
import { RestoreValidated } from '../../shared/validation/step-answers.ts';
import { createValidateInstance } from '../../shared/validation/validate-instance.ts';
import { decideVerdict } from '../../shared/validation/verdict.ts';
import { s3Vault } from '../../shared/vault/s3-vault.ts';

/** Left at the end of a call for the last question (LONGEST_QUESTION_MS) and for those of the plan. */
const MARGIN_MS = 300_000;

/** Looks into a restored instance and reports what the result proves. See shared/validation for what makes a copy valid. */
export const handler = task(
  {
    name: 'validate-instance',
    input: RunReference.extend({
      ...MadeFor.shape,
      takenAt: z.iso.datetime(),
      /** Where `takenAt` is a moment. Null for a snapshot. */
      between: BetweenHeartbeats.nullable(),
      restored: InstanceRestored,
      read: InstanceRead,
    }),
    output: RestoreValidated,
    environment: VaultSettings.extend({ ...JournalSettings.shape, ...ConnectionSettings.shape }),
  },
  ({ VAULT_BUCKET, JOURNAL_TABLE, CONNECTIONS }) => {
    const { plan } = deployedPlan();
    const vault = s3Vault(s3Client(), VAULT_BUCKET, plan.vault.lock);
    const journal = dynamoJournal(dynamoClient(), JOURNAL_TABLE, plan.workload);
    const secrets = secretsClient();

    return ({ restoreTest, restore, takenAt: moment, between, restored, read, ...run }, { signal, until }) =>
      timed(systemClock, async () => {
        const planned = plannedInstance(plan, { restoreTest, restore });
        const { machine, from, instance } = planned;
        const database = databaseOf(plan, from.database);
        const engine = engineOf(database);
        const isMoment = methodNameOf(backupOf(database, from.backup)) === 'pointInTime';
        const takenAt = new Date(moment);
        const progress = journalProgress(journal, recordKey(machine, run), systemClock);
        const end = until.getTime() - MARGIN_MS;
        const validate = createValidateInstance({
          comparisons: openComparisons(engine),
          storageChecks: openStorageChecks(engine),
          progress,
        });
        const { checks, recoveredTo } = await validate({
          workload: plan.workload,
          instance: await readManagedAccess(secrets, {
            ...usable(restored),
            certificateAuthority: instance.certificateAuthority ?? database.postgres.certificateAuthority,
          }),
          takenAt,
          ...(isMoment && { between: between && datesOf(between) }),
          near: await nearestManifest(vault, { database: from.database, backups: database.backups, takenAt }),
          differences: restored.differences,
          read,
          plan: planned,
          connections: CONNECTIONS,
          signal,
          hasTime: () => systemClock.now().getTime() < end,
        });
        await progress.settled();
        const lockedUntil = new Date(systemClock.now().getTime() + plan.vault.evidenceRetention);
        const stored = await storeChecks(vault, { machine, ...run }, checks, lockedUntil);
        return {
          ...decideVerdict(stored, 'instance'),
          checks: stored.length,
          runStartedAt: run.runStartedAt,
          recoveredTo: recoveredTo?.toISOString() ?? null,
        };
      });
  },
);

function datesOf({ before, after }: z.output<typeof BetweenHeartbeats>) {
  return { before: new Date(before), after: new Date(after) };
}

function usable({ scratch, instance }: z.output<typeof InstanceRestored>) {
  if (instance === null) throw new InvalidInput(`instance "${scratch}" cannot be used yet`);
  return instance;
}
