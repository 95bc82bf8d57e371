// Connects the plan to serverless.yml, which can call JavaScript but not TypeScript: ${file(resources/plan.js):…}.
import { parseArgs } from 'node:util';
import { ROLE_VARIABLE, stackRoleOf } from '../shared/plan/stack-role.ts';
import { deriveFrom } from './derive.ts';

// Set as in serverless.yml, because osls does not pass its options to files of this kind.
const { stage } = parseArgs({ strict: false, options: { stage: { type: 'string', short: 's' } } }).values;

export const {
  workload,
  region,
  functions,
  roles,
  machines,
  tables,
  locks,
  recovery,
  replication,
  lifecycleRules,
  lockMode,
  mayTag,
  subscriptions,
  schedules,
  alarms,
  reminders,
  failureDestinations,
  trail,
} = deriveFrom(
  process.env.LIFEBOAT_PLAN ?? 'plans/mailblast.yml',
  stage ?? 'prod',
  stackRoleOf(process.env[ROLE_VARIABLE]),
);
