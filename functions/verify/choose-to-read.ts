import * as z from 'zod';
import { dynamoClient } from '../../shared/aws/clients/dynamodb.ts';
import { s3Client } from '../../shared/aws/clients/s3.ts';
import { findToRead } from '../../shared/backup/logical/find-to-read.ts';
import { RecoveryPointToRead } from '../../shared/backup/step-answers.ts';
import { systemClock } from '../../shared/clock/clock.ts';
import { dynamoJournal } from '../../shared/journal/dynamo-journal.ts';
import { deployedPlan } from '../../shared/lambda/deployed-plan.ts';
import { JournalSettings, VaultSettings } from '../../shared/lambda/environment.ts';
import { task } from '../../shared/lambda/task.ts';
import { databaseOf, logicalBackupOf } from '../../shared/plan/lookup.ts';
import { timed } from '../../shared/progress/phase.ts';
import { s3Vault } from '../../shared/vault/s3-vault.ts';

/** Chooses the recovery point of a backup to read. */
export const handler = task(
  {
    name: 'choose-to-read',
    input: z.object({
      database: z.string(),
      backup: z.string(),
      /** `in-turn`, `newest`, the id of a recovery point, or `as planned`. */
      choose: z.string(),
    }),
    output: RecoveryPointToRead,
    environment: VaultSettings.extend(JournalSettings.shape),
  },
  ({ VAULT_BUCKET, JOURNAL_TABLE }) => {
    const { plan } = deployedPlan();
    const vault = s3Vault(s3Client(), VAULT_BUCKET, plan.vault.lock);
    const journal = dynamoJournal(dynamoClient(), JOURNAL_TABLE, plan.workload);
    return ({ database, backup, choose }) =>
      timed(systemClock, async () => {
        const { retention, verify } = logicalBackupOf(databaseOf(plan, database), backup);
        const wanted = choose === 'as planned' ? (verify?.choose ?? 'in-turn') : choose;
        const { hidden, ...found } = await findToRead(
          { vault, journal },
          { database, backup },
          wanted === 'in-turn' || wanted === 'newest' ? wanted : { id: wanted },
          { now: systemClock.now(), retention },
        );
        return { backup, ...found, hidden: hidden.slice(0, 10) };
      });
  },
);
