// The bridge from the plan to serverless.yml, which can call JavaScript and no TypeScript: ${file(resources/plan.js):…}.
import { deriveFrom } from './derive.ts';

export const {
  workload,
  region,
  vpc,
  secrets,
  lifecycleRules,
  lockMode,
  subscriptions,
  schedules,
  alarms,
  replayPolicies,
} = deriveFrom(process.env.LIFEBOAT_PLAN ?? 'plans/mailblast.yml');
