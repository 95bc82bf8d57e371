import * as z from 'zod';
import { cloudwatchClient } from '../../shared/aws/clients/cloudwatch.ts';
import { dynamoClient } from '../../shared/aws/clients/dynamodb.ts';
import { rdsClient } from '../../shared/aws/clients/rds.ts';
import { secretsClient } from '../../shared/aws/clients/secrets.ts';
import { systemClock } from '../../shared/clock/clock.ts';
import { dynamoFailoverState } from '../../shared/failover/dynamo-failover-state.ts';
import { openEyes } from '../../shared/failover/looks/open-eyes.ts';
import { watchPrimary } from '../../shared/failover/watch.ts';
import { publishAssessment } from '../../shared/failover/watch-metrics.ts';
import { deployedPlan } from '../../shared/lambda/deployed-plan.ts';
import { FailoverSettings } from '../../shared/lambda/environment.ts';
import { task } from '../../shared/lambda/task.ts';
import { NotInPlan } from '../../shared/plan/lookup.ts';

/** Two attempts of a call that waits so long each: a Region that is lost answers nothing. */
const LIMITS = { attempts: 2, connectMs: 3_000, answerMs: 5_000 };

/** Looks at the primary Region from the standby Region, each minute, and publishes what it saw. Started by a schedule. */
export const handler = task(
  {
    name: 'watch-primary',
    input: z.object({}),
    output: z.object({
      primary: z.enum(['lost', 'healthy', 'undecided']),
      signals: z.array(z.object({ name: z.string(), seen: z.string(), detail: z.string() })),
    }),
    environment: FailoverSettings,
  },
  ({ FAILOVER_TABLE }) => {
    const { plan } = deployedPlan();
    const { failover, regions } = plan;
    if (!failover) throw new NotInPlan('the plan has no failover: there is nothing to watch');
    const eyes = openEyes(plan, {
      secrets: secretsClient(LIMITS),
      rdsOfPrimary: rdsClient({ region: regions.primary, ...LIMITS }),
      rdsOfStandby: rdsClient({ region: regions.standby, ...LIMITS }),
      cloudwatch: cloudwatchClient(LIMITS),
    });
    const state = dynamoFailoverState(dynamoClient(), FAILOVER_TABLE);
    return async () => {
      const assessment = await watchPrimary({ failover, eyes, state, clock: systemClock });
      publishAssessment(plan.workload, assessment);
      return { ...assessment, signals: [...assessment.signals] };
    };
  },
);
