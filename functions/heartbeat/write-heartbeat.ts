import * as z from 'zod';
import { dynamoClient } from '../../shared/aws/clients/dynamodb.ts';
import { secretsClient } from '../../shared/aws/clients/secrets.ts';
import { COMMITTED_WITHIN_MS } from '../../shared/backup/rds-point-in-time/pick-moment.ts';
import { systemClock } from '../../shared/clock/clock.ts';
import { readDatabaseAccess } from '../../shared/database/access.ts';
import { engineOf } from '../../shared/database/open/engine-name.ts';
import { openHeartbeats } from '../../shared/database/open/heartbeats.ts';
import { dynamoJournal } from '../../shared/journal/dynamo-journal.ts';
import { deployedPlan } from '../../shared/lambda/deployed-plan.ts';
import { JournalSettings } from '../../shared/lambda/environment.ts';
import { countHeartbeat } from '../../shared/lambda/heartbeat-metric.ts';
import { task } from '../../shared/lambda/task.ts';
import { databaseOf, keepsMoments } from '../../shared/plan/lookup.ts';

/**
 * Writes the row that later shows how recent a recovered copy is. Started by a schedule. Where RDS can restore any moment, notes the
 * time as well: a restore test picks a moment between two of them.
 */
export const handler = task(
  {
    name: 'write-heartbeat',
    input: z.object({ database: z.string() }),
    output: z.object({ beatAt: z.iso.datetime() }),
    environment: JournalSettings,
  },
  ({ JOURNAL_TABLE }) => {
    const { plan } = deployedPlan();
    const journal = dynamoJournal(dynamoClient(), JOURNAL_TABLE, plan.workload);
    const secrets = secretsClient();
    return async ({ database }) => {
      const source = databaseOf(plan, database);
      const access = await readDatabaseAccess(secrets, source.postgres);
      const now = systemClock.now();
      await openHeartbeats(engineOf(source)).beat(access, plan.workload, now);
      // Of one that was committed late it is not known on which side of a moment it is.
      const isPunctual = systemClock.now().getTime() - now.getTime() < COMMITTED_WITHIN_MS;
      countHeartbeat(plan.workload, database); // written, whatever becomes of the note
      if (keepsMoments(source) && isPunctual) await journal.noteHeartbeat(database, now);
      return { beatAt: now.toISOString() };
    };
  },
);
