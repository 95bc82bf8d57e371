import * as z from 'zod';
import { rdsClient } from '../../shared/aws/clients/rds.ts';
import { Label } from '../../shared/backup/label.ts';
import { lookAfter } from '../../shared/backup/rds-point-in-time/look-after.ts';
import { momentId, nextSecond } from '../../shared/backup/rds-point-in-time/moment.ts';
import { automatedBackupsRegionsOf } from '../../shared/backup/rds-point-in-time/open-automated-backups.ts';
import { PointInTimeLookedAfter } from '../../shared/backup/step-answers.ts';
import { systemClock } from '../../shared/clock/clock.ts';
import { deployedPlan } from '../../shared/lambda/deployed-plan.ts';
import { task } from '../../shared/lambda/task.ts';
import { databaseOf, pointInTimeBackupOf } from '../../shared/plan/lookup.ts';
import { RunReference } from '../../shared/progress/run-reference.ts';

/** First copies take hours, and queue. The machine's polls end later (state-machines/source/backup.ts). */
const LONGEST_MS = 9 * 3_600_000;

/** Checks that RDS keeps the moments of an instance as the plan says, and starts what is missing. The machine calls it until they are kept. */
export const handler = task(
  {
    name: 'keep-point-in-time',
    input: RunReference.extend({ database: z.string(), backup: z.string(), label: Label.nullish() }),
    output: PointInTimeLookedAfter,
    environment: z.object({}),
  },
  () => {
    const { plan } = deployedPlan();
    return async ({ database, backup, label, runStartedAt }) => {
      const { backup: planned, instance } = pointInTimeBackupOf(databaseOf(plan, database), backup);
      const regions = automatedBackupsRegionsOf(plan, { database, backup }, (region) =>
        rdsClient({ region }),
      );
      // A label names the state of now, which RDS can restore once it has archived the log of this second.
      const moment = label ? nextSecond(new Date(runStartedAt)) : null;
      const looked = await lookAfter(
        {
          regions,
          clock: systemClock,
          instance,
          retentionMs: planned.retention,
          longestMs: LONGEST_MS,
          moment,
        },
        new Date(runStartedAt),
      );
      const kept = looked.kind === 'kept' ? looked : null;
      return {
        backup,
        recoveryPoint: kept ? momentId(moment ?? kept.window.latest) : null,
        ...(label && { label }),
        complete: kept !== null,
        waitingFor: looked.kind === 'waiting' ? looked.waitingFor : null,
        earliestAt: kept?.window.earliest.toISOString() ?? null,
        latestAt: kept?.window.latest.toISOString() ?? null,
        copiedTo: kept?.copies?.latest.toISOString() ?? null,
        summary: kept ? summaryOf(instance, plan.regions.standby, kept) : null,
        // The whole wait, and not only this look.
        startedAt: runStartedAt,
        finishedAt: systemClock.now().toISOString(),
      };
    };
  },
);

function summaryOf(
  instance: string,
  standby: string,
  { window, copies }: { window: { earliest: Date; latest: Date }; copies: { latest: Date } | null },
): string {
  const copied = copies ? `, in ${standby} up to ${copies.latest.toISOString()}` : '';
  return `"${instance}" can be restored to any moment from ${window.earliest.toISOString()} to ${window.latest.toISOString()}${copied}`;
}
