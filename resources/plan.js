// The bridge from the plan to serverless.yml, which can call JavaScript and no TypeScript: ${file(resources/plan.js):…}.
import { deriveFrom } from './derive.ts';

export const {
  workload,
  region,
  functions,
  roles,
  lifecycleRules,
  lockMode,
  subscriptions,
  schedules,
  alarms,
} = deriveFrom(process.env.LIFEBOAT_PLAN ?? 'plans/mailblast.yml');
