import * as z from 'zod';
import { secretsClient } from '../../shared/aws/clients/secrets.ts';
import { readSecret } from '../../shared/aws/read-secret.ts';
import { deployedPlan } from '../../shared/lambda/deployed-plan.ts';
import { task } from '../../shared/lambda/task.ts';
import { unreadableSecrets } from '../../shared/standby/check-secrets.ts';
import { publishUnreadable } from '../../shared/standby/secrets-metric.ts';

/** Reads each secret of the plan in its own Region and publishes how many cannot be read. Runs in the standby Region. */
export const handler = task(
  {
    name: 'check-secrets',
    input: z.object({}),
    output: z.object({ unreadable: z.array(z.object({ secret: z.string(), reason: z.string() })) }),
    environment: z.object({}),
  },
  () => {
    const { plan } = deployedPlan();
    const secrets = secretsClient();
    return async () => {
      const unreadable = await unreadableSecrets(plan, (name) => readSecret(secrets, name));
      publishUnreadable(plan.workload, unreadable.length);
      return { unreadable };
    };
  },
);
