// The bridge from the plan to serverless.yml, which can call JavaScript and no TypeScript: ${file(resources/plan.js):…}.
import { deriveAlarms } from './alarms.ts';
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
  replayPolicies,
} = deriveFrom(process.env.LIFEBOAT_PLAN ?? 'plans/mailblast.yml');

export const alarms = deriveAlarms();
