import * as z from 'zod';
import { dynamoClient } from '../../shared/aws/clients/dynamodb.ts';
import { rdsClient } from '../../shared/aws/clients/rds.ts';
import { snapshotRegionsOf } from '../../shared/backup/rds-snapshot/open-snapshots.ts';
import { rdsSnapshotPruning } from '../../shared/backup/rds-snapshot/prune-snapshots.ts';
import { SnapshotsPruned } from '../../shared/backup/step-answers.ts';
import { systemClock } from '../../shared/clock/clock.ts';
import { dynamoJournal } from '../../shared/journal/dynamo-journal.ts';
import { deployedPlan } from '../../shared/lambda/deployed-plan.ts';
import { DeploymentSettings, JournalSettings } from '../../shared/lambda/environment.ts';
import { task } from '../../shared/lambda/task.ts';
import { timed } from '../../shared/progress/phase.ts';

/** Where none of so many is verified, nothing is deleted. */
const LOOKED = 1_000;

/** Deletes the snapshots of a backup that are past their retention and older than the newest verified one, in both Regions. */
export const handler = task(
  {
    name: 'prune-snapshots',
    input: z.object({ database: z.string(), backup: z.string() }),
    output: SnapshotsPruned,
    environment: JournalSettings.extend(DeploymentSettings.shape),
  },
  ({ JOURNAL_TABLE, DEPLOYMENT }) => {
    const { plan } = deployedPlan();
    const journal = dynamoJournal(dynamoClient(), JOURNAL_TABLE, plan.workload);
    return (of) =>
      timed(systemClock, async () => {
        const { prune } = rdsSnapshotPruning(
          snapshotRegionsOf(plan, of, (region) => rdsClient({ region })),
          DEPLOYMENT,
        );
        const known = await journal.recoveryPoints(of, LOOKED);
        const { deleted } = await prune(of, {
          now: systemClock.now(),
          newestVerified: known.find(({ verified }) => verified)?.recoveryPoint ?? null,
        });
        return { deleted: [...deleted] };
      });
  },
);
