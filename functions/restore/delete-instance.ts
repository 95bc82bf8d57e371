import { rdsClient } from '../../shared/aws/clients/rds.ts';
import { systemClock } from '../../shared/clock/clock.ts';
import { DeploymentSettings, RegionSettings } from '../../shared/lambda/environment.ts';
import { task } from '../../shared/lambda/task.ts';
import { RunReference } from '../../shared/progress/run-reference.ts';
import { rdsInstances } from '../../shared/restore/instance/rds-instances.ts';
import { advanceDeletion } from '../../shared/restore/scratch-instance/advance-deletion.ts';
import { InstanceDeleted } from '../../shared/restore/step-answers.ts';

/** RDS deletes an instance that it still creates only when that is done. The machine's polls end later. */
const LONGEST_MS = 3_600_000;

/** Deletes the run's scratch instance, and nothing else, one step further. The machine calls it until the instance is gone. */
export const handler = task(
  {
    name: 'delete-instance',
    input: RunReference.extend({
      /** What the call before answered; null at the first. */
      before: InstanceDeleted.nullable(),
    }),
    output: InstanceDeleted,
    environment: DeploymentSettings.extend(RegionSettings.shape),
  },
  ({ DEPLOYMENT, AWS_REGION: region }) => {
    const instances = rdsInstances(rdsClient({ region }), region);
    return async ({ runId, before }) => {
      const startedAt = before?.startedAt ?? systemClock.now().toISOString();
      const deleted = await advanceDeletion(
        { instances, clock: systemClock, deployment: DEPLOYMENT, longestMs: LONGEST_MS },
        { runId, since: new Date(startedAt) },
      );
      const complete = deleted.kind === 'gone';
      return {
        complete,
        dropped: complete && before !== null,
        waitingFor: deleted.kind === 'waiting' ? deleted.waitingFor : null,
        startedAt,
        finishedAt: systemClock.now().toISOString(),
      };
    };
  },
);
