import * as z from 'zod';
import { rdsClient } from '../../shared/aws/clients/rds.ts';
import { s3Client } from '../../shared/aws/clients/s3.ts';
import { logicalRecoveryPoints } from '../../shared/backup/logical/logical-recovery-points.ts';
import { orWait } from '../../shared/backup/or-wait.ts';
import { systemClock } from '../../shared/clock/clock.ts';
import { PartUnknown } from '../../shared/database/schema-part.ts';
import { instanceToStay } from '../../shared/handover/instance-to-stay.ts';
import { nameForInstance, requireInstanceName } from '../../shared/handover/restored-instance-mark.ts';
import { deployedPlan } from '../../shared/lambda/deployed-plan.ts';
import { DeploymentSettings, RegionSettings, VaultSettings } from '../../shared/lambda/environment.ts';
import { task } from '../../shared/lambda/task.ts';
import { instanceShapeIn, isLogical } from '../../shared/plan/lookup.ts';
import { regionRoleOf } from '../../shared/plan/region-role.ts';
import { RunReference } from '../../shared/progress/run-reference.ts';
import { advanceInstance, type ReadyInstance } from '../../shared/restore/instance/advance-instance.ts';
import { compareSettings } from '../../shared/restore/instance/compare-settings.ts';
import { emptyOrigin, MAINTENANCE_DATABASE } from '../../shared/restore/instance/empty-origin.ts';
import { InstanceRefused } from '../../shared/restore/instance/instance-errors.ts';
import { originOf } from '../../shared/restore/instance/open-origin.ts';
import { rdsInstances } from '../../shared/restore/instance/rds-instances.ts';
import { MadeFor, Only, plannedInstance } from '../../shared/restore/made-for.ts';
import {
  isScratchOfRun,
  scratchInstanceName,
} from '../../shared/restore/scratch-instance/scratch-instance-mark.ts';
import { newScratchInstance } from '../../shared/restore/scratch-instance/scratch-instances.ts';
import { InstanceRestored } from '../../shared/restore/step-answers.ts';
import { s3Vault } from '../../shared/vault/s3-vault.ts';

/** From the start of the run. The machine's polls end later (state-machines/source/restore-test.ts). */
const LONGEST_MS = 3.5 * 3_600_000;

/**
 * Makes the run's instance of a recovery point, one step further. The machine calls it until the instance can be used. The instance of a
 * restore that stays is a scratch as well until it is handed over.
 */
export const handler = task(
  {
    name: 'restore-instance',
    input: RunReference.extend({
      ...MadeFor.shape,
      recoveryPoint: z.string(),
      /** The name that the instance gets in the end, for a restore that stays. */
      into: z.string().optional(),
      only: Only,
    }),
    output: InstanceRestored,
    environment: DeploymentSettings.extend({ ...RegionSettings.shape, ...VaultSettings.shape }),
  },
  ({ DEPLOYMENT, AWS_REGION, VAULT_BUCKET }) => {
    const { plan } = deployedPlan();
    const points = logicalRecoveryPoints(s3Vault(s3Client(), VAULT_BUCKET, plan.vault.lock));
    const role = regionRoleOf(plan, AWS_REGION);
    const rdsIn = (region: string) => rdsClient({ region });
    return async ({ runId, runStartedAt, recoveryPoint, into: name, only = [], ...madeFor }) => {
      if (only.length > 0)
        throw new PartUnknown(
          `a snapshot and a moment are restored whole, and not only ${only.join(', ')}: take the rows out of the new instance`,
        );
      const { machine, from, instance: planned } = plannedInstance(plan, madeFor);
      const expiresAt = new Date(Date.parse(runStartedAt) + planned.expires);
      const run = { runId, workload: plan.workload, expiresAt };
      const answer = {
        ...(name !== undefined && { expiresAt: expiresAt.toISOString() }),
        // The whole wait, and not only this look.
        startedAt: runStartedAt,
      };
      const notYet = (waitingFor: string | null) => ({
        scratch: scratchInstanceName(DEPLOYMENT, runId),
        complete: false,
        waitingFor,
        instance: null,
        differences: null,
        ...answer,
        finishedAt: systemClock.now().toISOString(),
      });
      if (name !== undefined) requireInstanceName(name);
      const shape = instanceShapeIn(plan, planned, {
        role,
        named: machine === 'restore' ? `place "${madeFor.restore}"` : `restore test "${madeFor.restoreTest}"`,
      });
      const place = { ...from, id: recoveryPoint };
      const isEmpty = isLogical(plan, from);
      const manifest = async () => (await points.find(place)).manifest;
      const { origin, region } = isEmpty
        ? { origin: emptyOrigin(rdsIn(AWS_REGION), AWS_REGION, planned, manifest), region: AWS_REGION }
        : await originOf(plan, place, { deployment: DEPLOYMENT, role, rdsIn });
      const instances = rdsInstances(rdsIn(region), region);
      const named = async () =>
        name === undefined
          ? null
          : nameForInstance(name, await instances.find(name), { deployment: DEPLOYMENT, runId });
      const before = await orWait(named);
      if (before && 'kind' in before) return notYet(before.waitingFor);
      if (before) return { ...notYet(null), scratch: name ?? '', handedOver: true };
      const into =
        name === undefined
          ? newScratchInstance(DEPLOYMENT, run, shape)
          : instanceToStay(DEPLOYMENT, run, { ...planned, ...shape }, origin.settings);
      const advanced = await advanceInstance(
        {
          instances,
          // An earlier attempt's instance may have got its name since the look above.
          origin: {
            ...origin,
            restore: async (into) =>
              (await named()) === null
                ? origin.restore(into)
                : { kind: 'refused', because: `it has the name "${name}" already` },
          },
          clock: systemClock,
          longestMs: LONGEST_MS,
        },
        {
          into,
          isOurs: (found) => isScratchOfRun(found, DEPLOYMENT, runId),
          secretKey: planned.kmsKey,
          runStartedAt: new Date(runStartedAt),
        },
      );
      if (advanced.kind === 'waiting') return notYet(advanced.waitingFor);
      const { instance: ready } = advanced;
      const { securityGroups: _, ...groups } = shape;
      const wanted = given({
        ...groups,
        multiAz: into.multiAz,
        backupDays: into.backupDays,
        minorUpgrades: into.minorUpgrades,
      });
      return {
        scratch: into.name,
        complete: true,
        waitingFor: null,
        instance: addressOf(ready, isEmpty ? MAINTENANCE_DATABASE : planned.database),
        ...(isEmpty && { isEmpty }),
        differences: origin.settings && compareSettings(origin.settings, ready.settings, wanted),
        ...answer,
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
        hint: 'name it in the plan, as the database of the instance to restore into',
      },
    );
  return { name, ...address, dbname, loginSecret: masterSecret };
}

/** The settings that are not undefined. */
function given<Settings extends object>(settings: Settings) {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}
