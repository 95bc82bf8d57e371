import * as z from 'zod';
import { rdsClient } from '../../shared/aws/clients/rds.ts';
import { systemClock } from '../../shared/clock/clock.ts';
import { deployedPlan } from '../../shared/lambda/deployed-plan.ts';
import { DeploymentSettings, RegionSettings } from '../../shared/lambda/environment.ts';
import { task } from '../../shared/lambda/task.ts';
import { instanceShapeOf, instanceTestOf } from '../../shared/plan/lookup.ts';
import { regionRoleOf } from '../../shared/plan/region-role.ts';
import { RunReference } from '../../shared/progress/run-reference.ts';
import { advanceInstance, type ReadyInstance } from '../../shared/restore/instance/advance-instance.ts';
import { compareSettings } from '../../shared/restore/instance/compare-settings.ts';
import { InstanceRefused } from '../../shared/restore/instance/instance-errors.ts';
import { originOf } from '../../shared/restore/instance/open-origin.ts';
import { rdsInstances } from '../../shared/restore/instance/rds-instances.ts';
import { isScratchOfRun } from '../../shared/restore/scratch-instance/scratch-instance-mark.ts';
import { newScratchInstance } from '../../shared/restore/scratch-instance/scratch-instances.ts';
import { InstanceRestored } from '../../shared/restore/step-answers.ts';

/** From the start of the run. The machine's polls end later (state-machines/source/restore-test.ts). */
const LONGEST_MS = 3.5 * 3_600_000;

/** Makes the run's scratch instance of a recovery point, one step further. The machine calls it until the instance can be used. */
export const handler = task(
  {
    name: 'restore-instance',
    input: RunReference.extend({ restoreTest: z.string(), recoveryPoint: z.string() }),
    output: InstanceRestored,
    environment: DeploymentSettings.extend(RegionSettings.shape),
  },
  ({ DEPLOYMENT, AWS_REGION }) => {
    const { plan } = deployedPlan();
    const role = regionRoleOf(plan, AWS_REGION);
    const rdsIn = (region: string) => rdsClient({ region });
    return async ({ runId, runStartedAt, restoreTest, recoveryPoint }) => {
      const { from, scratchInstance } = instanceTestOf(plan, restoreTest);
      const shape = instanceShapeOf(plan, restoreTest, role);
      const place = { ...from, id: recoveryPoint };
      const { origin, region } = await originOf(plan, place, { deployment: DEPLOYMENT, role, rdsIn });
      const expiresAt = new Date(Date.parse(runStartedAt) + scratchInstance.expires);
      const into = newScratchInstance(DEPLOYMENT, { runId, workload: plan.workload, expiresAt }, shape);
      const advanced = await advanceInstance(
        {
          instances: rdsInstances(rdsIn(region), region),
          origin,
          clock: systemClock,
          longestMs: LONGEST_MS,
        },
        {
          into,
          isOurs: (found) => isScratchOfRun(found, DEPLOYMENT, runId),
          secretKey: scratchInstance.kmsKey,
          runStartedAt: new Date(runStartedAt),
        },
      );
      const ready = advanced.kind === 'complete' ? advanced.instance : null;
      const { securityGroups: _groups, ...wanted } = shape;
      return {
        scratch: into.name,
        complete: ready !== null,
        waitingFor: advanced.kind === 'waiting' ? advanced.waitingFor : null,
        instance: ready && addressOf(ready, scratchInstance.database),
        differences:
          ready && origin.settings && compareSettings(origin.settings, ready.settings, given(wanted)),
        // The whole wait, and not only this look.
        startedAt: runStartedAt,
        finishedAt: systemClock.now().toISOString(),
      };
    };
  },
);

function addressOf({ name, address, masterSecret, database }: ReadyInstance, planned: string | undefined) {
  const dbname = planned ?? database;
  if (dbname === null)
    throw new InstanceRefused(
      `instance "${name}" was created without a database, so it is not known which to look into`,
      {
        hint: 'name it in restoreTests.<name>.into.scratchInstance.database of the plan',
      },
    );
  return { name, ...address, dbname, loginSecret: masterSecret };
}

/** The settings that are not undefined. */
function given<Settings extends object>(settings: Settings) {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}
