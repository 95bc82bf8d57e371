import * as z from 'zod';
import { rdsClient } from '../../shared/aws/clients/rds.ts';
import { secretsClient } from '../../shared/aws/clients/secrets.ts';
import { systemClock } from '../../shared/clock/clock.ts';
import { connectionSecret, connectionSecretName } from '../../shared/handover/connection-secret.ts';
import { advanceInstanceHandOver } from '../../shared/handover/hand-instance-over.ts';
import { InstanceHandedOver } from '../../shared/handover/step-answers.ts';
import { deployedPlan } from '../../shared/lambda/deployed-plan.ts';
import { DeploymentSettings, RegionSettings } from '../../shared/lambda/environment.ts';
import { task } from '../../shared/lambda/task.ts';
import { instanceRestoreOf } from '../../shared/plan/lookup.ts';
import { RunReference } from '../../shared/progress/run-reference.ts';
import { rdsInstances } from '../../shared/restore/instance/rds-instances.ts';
import { RestoreValidated } from '../../shared/validation/step-answers.ts';

/** RDS takes up to ten minutes to rename an instance. The machine's polls end later (state-machines/source/hand-instance-over.ts). */
const LONGEST_MS = 90 * 60_000;

/** Gives a validated instance its name, a new master password and its protection, one step further. The machine calls it until it is complete. */
export const handler = task(
  {
    name: 'hand-over-instance',
    input: RunReference.extend({
      restore: z.string(),
      into: z.string(),
      recoveryPoint: z.string(),
      /** Null where an earlier attempt of the run gave the instance its name. */
      validated: RestoreValidated.nullable(),
      /** What the call before answered; null at the first. */
      before: InstanceHandedOver.nullable(),
    }),
    output: InstanceHandedOver,
    environment: DeploymentSettings.extend(RegionSettings.shape),
  },
  ({ DEPLOYMENT, AWS_REGION: region }) => {
    const { plan } = deployedPlan();
    const { workload } = plan;
    const instances = rdsInstances(rdsClient({ region }), region);
    const secrets = secretsClient();
    return async ({ runId, restore, into: name, recoveryPoint, validated, before }) => {
      const startedAt = before?.startedAt ?? systemClock.now().toISOString();
      const secret = connectionSecretName(workload, name, runId);
      const advanced = await advanceInstanceHandOver(
        {
          instances,
          keeper: connectionSecret(secrets, { name: secret, workload, runId }),
          clock: systemClock,
          longestMs: LONGEST_MS,
        },
        {
          run: { deployment: DEPLOYMENT, workload, runId },
          name,
          mark: validated && { recoveryPoint, validated },
          database: instanceRestoreOf(plan, restore).instance.database,
          since: before && new Date(before.startedAt),
        },
      );
      const complete = advanced.kind === 'complete';
      return {
        instance: name,
        complete,
        waitingFor: complete ? null : advanced.waitingFor,
        address: complete ? { ...advanced.address, database: advanced.database } : null,
        login: complete ? advanced.login : null,
        secret,
        recoveryPoint: complete ? advanced.mark.recoveryPoint : recoveryPoint,
        validated: complete ? (validated ?? advanced.mark.validated) : validated,
        startedAt,
        finishedAt: systemClock.now().toISOString(),
      };
    };
  },
);
