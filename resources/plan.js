// The bridge from the plan to serverless.yml, which can call JavaScript and no TypeScript: ${file(resources/plan.js):…}.
import { parseArgs } from 'node:util';
import { deriveFrom } from './derive.ts';

// As serverless.yml reads it: osls hands its options to no file of this kind.
const { stage } = parseArgs({ strict: false, options: { stage: { type: 'string', short: 's' } } }).values;

export const {
  workload,
  region,
  functions,
  roles,
  machines,
  lifecycleRules,
  lockMode,
  subscriptions,
  schedules,
  alarms,
} = deriveFrom(process.env.LIFEBOAT_PLAN ?? 'plans/mailblast.yml', stage ?? 'prod');
