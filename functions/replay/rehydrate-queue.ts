import * as z from 'zod';
import { dynamoClient } from '../../shared/aws/clients/dynamodb.ts';
import { secretsClient } from '../../shared/aws/clients/secrets.ts';
import { systemClock } from '../../shared/clock/clock.ts';
import { readDatabaseAccess } from '../../shared/database/access.ts';
import { dynamoJournal } from '../../shared/journal/dynamo-journal.ts';
import { recordKey } from '../../shared/journal/journal.ts';
import { journalProgress } from '../../shared/journal/journal-progress.ts';
import { deployedPlan } from '../../shared/lambda/deployed-plan.ts';
import { JournalSettings, LedgerSettings } from '../../shared/lambda/environment.ts';
import { task } from '../../shared/lambda/task.ts';
import { databaseOf, rehydrationOf } from '../../shared/plan/lookup.ts';
import { timed } from '../../shared/progress/phase.ts';
import { RunReference } from '../../shared/progress/run-reference.ts';
import { openDestination } from '../../shared/rehydration/open-destination.ts';
import { rehydrate } from '../../shared/rehydration/rehydrate.ts';
import { QueueFilled } from '../../shared/rehydration/step-answers.ts';
import { rehydrationInWords, rehydrationOutcome } from '../../shared/rehydration/summary.ts';

/** Refills a queue from database rows, each once. See shared/rehydration for the steps. */
export const handler = task(
  {
    name: 'rehydrate-queue',
    input: RunReference.extend({ rehydration: z.string(), dryRun: z.boolean().default(false) }),
    output: QueueFilled,
    environment: LedgerSettings.extend(JournalSettings.shape),
  },
  ({ LEDGER_TABLE, JOURNAL_TABLE }) => {
    const { plan } = deployedPlan();
    const journal = dynamoJournal(dynamoClient(), JOURNAL_TABLE, plan.workload);
    const secrets = secretsClient();
    const ports = { secrets, dynamo: dynamoClient(), ledgerTable: LEDGER_TABLE, clock: systemClock };

    return ({ rehydration, dryRun, ...run }, { signal, requestId }) =>
      timed(systemClock, async () => {
        const { into, database, sql } = rehydrationOf(plan, rehydration);
        const access = await readDatabaseAccess(secrets, databaseOf(plan, database).postgres);
        const owner = `${run.runId}/${requestId}`;
        const attempt = { rehydration, runId: run.runId, runStartedAt: new Date(run.runStartedAt), owner };
        const destination = await openDestination(into, attempt, ports);
        try {
          const progress = journalProgress(journal, recordKey('rehydrate', run), systemClock);
          const done = await rehydrate(
            { destination, progress },
            { rehydration, access, sql, dryRun, signal },
          );
          await progress.settled();
          return {
            ...done,
            outcome: rehydrationOutcome(done, dryRun),
            summary: rehydrationInWords(done, dryRun),
          };
        } finally {
          await destination.close();
        }
      });
  },
);
