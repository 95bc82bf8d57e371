import * as z from 'zod';
import { rdsClient } from '../../shared/aws/clients/rds.ts';
import { Label } from '../../shared/backup/label.ts';
import { advance } from '../../shared/backup/rds-snapshot/advance.ts';
import { snapshotRegionsOf } from '../../shared/backup/rds-snapshot/open-snapshots.ts';
import { SnapshotAdvanced } from '../../shared/backup/step-answers.ts';
import { systemClock } from '../../shared/clock/clock.ts';
import { deployedPlan } from '../../shared/lambda/deployed-plan.ts';
import { DeploymentSettings } from '../../shared/lambda/environment.ts';
import { task } from '../../shared/lambda/task.ts';
import { databaseOf, snapshotBackupOf } from '../../shared/plan/lookup.ts';
import { RunReference } from '../../shared/progress/run-reference.ts';

/** Copies to another Region take hours, and queue. The machine's polls end later (state-machines/source/backup.ts). */
const LONGEST_MS = 9 * 3_600_000;

/** Takes a run's snapshot, and its copy in the standby Region, one step further. The machine calls it until both are complete. */
export const handler = task(
  {
    name: 'take-snapshot',
    input: RunReference.extend({ database: z.string(), backup: z.string(), label: Label.nullish() }),
    output: SnapshotAdvanced,
    environment: DeploymentSettings,
  },
  ({ DEPLOYMENT }) => {
    const { plan } = deployedPlan();
    return async ({ database, backup, label, runId, runStartedAt }) => {
      const { backup: planned, source } = snapshotBackupOf(databaseOf(plan, database), backup);
      const regions = snapshotRegionsOf(plan, { database, backup }, (region) => rdsClient({ region }));
      const advanced = await advance(
        {
          regions,
          clock: systemClock,
          deployment: DEPLOYMENT,
          source,
          retentionMs: planned.retention,
          longestMs: LONGEST_MS,
        },
        { database, backup, label, runId, runStartedAt: new Date(runStartedAt) },
      );
      const complete = advanced.kind === 'complete' ? advanced : null;
      return {
        backup,
        recoveryPoint: complete?.point.id ?? null,
        ...(label && { label }),
        complete: complete !== null,
        waitingFor: advanced.kind === 'waiting' ? advanced.waitingFor : null,
        snapshotAt: complete?.point.takenAt.toISOString() ?? null,
        gibibytes: complete?.gibibytes ?? null,
        // The whole wait, and not only this look.
        startedAt: runStartedAt,
        finishedAt: systemClock.now().toISOString(),
      };
    };
  },
);
