import * as z from 'zod';
import { rdsClient } from '../../shared/aws/clients/rds.ts';
import { snapshotRegionsOf } from '../../shared/backup/rds-snapshot/open-snapshots.ts';
import { rdsSnapshotProving } from '../../shared/backup/rds-snapshot/prove-snapshot.ts';
import { BackupProven } from '../../shared/backup/step-answers.ts';
import { systemClock } from '../../shared/clock/clock.ts';
import { deployedPlan } from '../../shared/lambda/deployed-plan.ts';
import { DeploymentSettings } from '../../shared/lambda/environment.ts';
import { task } from '../../shared/lambda/task.ts';
import { timed } from '../../shared/progress/phase.ts';

/** Checks that RDS has a new snapshot and its copy: available, encrypted, of the same moment and size, with their tags. */
export const handler = task(
  {
    name: 'prove-snapshot',
    input: z.object({ database: z.string(), backup: z.string(), recoveryPoint: z.string() }),
    output: BackupProven,
    environment: DeploymentSettings,
  },
  ({ DEPLOYMENT }) => {
    const { plan } = deployedPlan();
    return ({ database, backup, recoveryPoint }) => {
      const regions = snapshotRegionsOf(plan, { database, backup }, (region) => rdsClient({ region }));
      const { prove } = rdsSnapshotProving(regions, DEPLOYMENT);
      return timed(systemClock, () => prove({ database, backup, id: recoveryPoint }));
    };
  },
);
