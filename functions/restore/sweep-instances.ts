import * as z from 'zod';
import { rdsClient } from '../../shared/aws/clients/rds.ts';
import { systemClock } from '../../shared/clock/clock.ts';
import { deployedPlan } from '../../shared/lambda/deployed-plan.ts';
import { DeploymentSettings, RegionSettings } from '../../shared/lambda/environment.ts';
import { countScheduledStart } from '../../shared/lambda/scheduled-start-metric.ts';
import { task } from '../../shared/lambda/task.ts';
import { rdsInstances } from '../../shared/restore/instance/rds-instances.ts';
import { requireAllSwept } from '../../shared/restore/scratch.ts';
import { sweepInstances } from '../../shared/restore/scratch-instance/scratch-instances.ts';

/**
 * Deletes expired scratch instances that their own run did not delete. Started by a schedule. Fails if one is left, so that the
 * alarm on its errors tells a person.
 */
export const handler = task(
  {
    name: 'sweep-instances',
    input: z.object({}),
    output: z.object({
      dropped: z.array(z.string()),
      kept: z.array(z.string()),
      unmarked: z.array(z.string()),
    }),
    environment: DeploymentSettings.extend(RegionSettings.shape),
  },
  ({ DEPLOYMENT, AWS_REGION: region }) => {
    const { plan } = deployedPlan();
    const instances = rdsInstances(rdsClient({ region }), region);
    return async () => {
      countScheduledStart('sweep-instances', plan.workload, 'instances');
      const sweep = await sweepInstances(
        { instances, deployment: DEPLOYMENT },
        plan.workload,
        systemClock.now(),
      );
      requireAllSwept(sweep);
      const { dropped, kept, unmarked } = sweep;
      return { dropped: [...dropped], kept: [...kept], unmarked: [...unmarked] };
    };
  },
);
