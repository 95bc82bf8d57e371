import { readFileSync } from 'node:fs';
import type { Plan } from '../plan/schema.ts';

/** The plan as it was deployed: bundled with the code, so that code and plan cannot drift and nothing has to be fetched. */
export interface DeployedPlan {
  readonly plan: Plan;
  /** The first 12 hex digits of the sha256 of the plan file. */
  readonly version: string;
}

/** Reads the plan that stands beside the function's code. */
export function deployedPlan(): DeployedPlan {
  return JSON.parse(readFileSync(new URL('./plan.json', import.meta.url), 'utf8')) as DeployedPlan;
}
