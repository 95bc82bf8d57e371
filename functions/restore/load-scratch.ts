import * as z from 'zod';
import { dynamoClient } from '../../shared/aws/clients/dynamodb.ts';
import { s3Client } from '../../shared/aws/clients/s3.ts';
import { secretsClient } from '../../shared/aws/clients/secrets.ts';
import { logicalRecoveryPoints } from '../../shared/backup/logical/logical-recovery-points.ts';
import { systemClock } from '../../shared/clock/clock.ts';
import { engineOf } from '../../shared/database/open/engine-name.ts';
import { openRestores } from '../../shared/database/open/restores.ts';
import { openScratchServers } from '../../shared/database/open/scratch-servers.ts';
import { dynamoJournal } from '../../shared/journal/dynamo-journal.ts';
import { recordKey } from '../../shared/journal/journal.ts';
import { journalProgress } from '../../shared/journal/journal-progress.ts';
import { deployedPlan } from '../../shared/lambda/deployed-plan.ts';
import { ConnectionSettings, JournalSettings, VaultSettings } from '../../shared/lambda/environment.ts';
import { task } from '../../shared/lambda/task.ts';
import { databaseOf } from '../../shared/plan/lookup.ts';
import { timed } from '../../shared/progress/phase.ts';
import { RunReference } from '../../shared/progress/run-reference.ts';
import { createLoadRecoveryPoint } from '../../shared/restore/load-recovery-point.ts';
import { MadeFor, Only, plannedCopy } from '../../shared/restore/made-for.ts';
import { scratchDatabases } from '../../shared/restore/scratch-database.ts';
import { readServerAccess } from '../../shared/restore/server-access.ts';
import { shortNotices } from '../../shared/restore/short-notices.ts';
import { RestoredInstance, ScratchLoaded } from '../../shared/restore/step-answers.ts';
import { s3Vault } from '../../shared/vault/s3-vault.ts';

/**
 * Loads the recovery point into the run's scratch database.
 * A retry gets a new database, so it never sees rows of an earlier attempt.
 */
export const handler = task(
  {
    name: 'load-scratch',
    input: RunReference.extend({
      ...MadeFor.shape,
      recoveryPoint: z.string(),
      only: Only,
      /** The instance that this run made to load the recovery point into. */
      instance: RestoredInstance.nullish(),
      expiresAt: z.iso.datetime(),
    }),
    output: ScratchLoaded,
    environment: VaultSettings.extend({ ...JournalSettings.shape, ...ConnectionSettings.shape }),
  },
  ({ VAULT_BUCKET, JOURNAL_TABLE, CONNECTIONS }) => {
    const { plan } = deployedPlan();
    const vault = s3Vault(s3Client(), VAULT_BUCKET, plan.vault.lock);
    const points = logicalRecoveryPoints(vault);
    const journal = dynamoJournal(dynamoClient(), JOURNAL_TABLE, plan.workload);
    const secrets = secretsClient();

    return ({ restoreTest, restore, recoveryPoint, only, instance, expiresAt, ...run }, { signal }) =>
      timed(systemClock, async () => {
        const { machine, from, server: planned } = plannedCopy(plan, { restoreTest, restore });
        const engine = engineOf(databaseOf(plan, from.database));
        const { manifest } = await points.find({ ...from, id: recoveryPoint });
        const server = await readServerAccess(secrets, planned, instance);
        const scratch = scratchDatabases(openScratchServers(engine), server, {
          stays: restore !== undefined,
        });
        const owner = { runId: run.runId, workload: plan.workload, expiresAt: new Date(expiresAt) };
        const progress = journalProgress(journal, recordKey(machine, run), systemClock);
        const { notices, manifest: loaded } = await createLoadRecoveryPoint({
          vault,
          restores: openRestores(engine),
          progress,
        })({
          manifest,
          only,
          into: await scratch.claim(owner, manifest.source),
          connections: CONNECTIONS,
          signal,
        });
        await progress.settled();
        const parts = loaded.tables.flatMap((table) => table.parts);
        return {
          tables: loaded.tables.length,
          rows: parts.reduce((sum, part) => sum + part.rows, 0),
          rawBytes: parts.reduce((sum, part) => sum + part.rawBytes, 0),
          notices: shortNotices(notices),
        };
      });
  },
);
