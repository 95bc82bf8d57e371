import type { Plan } from '../shared/plan/schema.ts';
import { readLambdas } from './capabilities.ts';
import { derive } from './derive.ts';
import { functionsIn } from './in-standby.ts';
import { requireShortNames } from './name-limits.ts';
import { requireFewResources } from './resource-limit.ts';
import { deriveRoles } from './roles.ts';

/**
 * Derives everything from a plan, for each role that a Region can have, and throws it away.
 *
 * @throws NotDeployable for a plan that AWS would reject in the middle of a deployment
 */
export async function requireDeployable(plan: Plan, stage: string): Promise<void> {
  requireShortNames(plan, stage);
  // The primary stack has more than the others of everything but this: the standby's roles are for other functions.
  await deriveRoles(functionsIn('standby', readLambdas(), plan), plan, 'standby');
  const derived = derive(plan, 'primary', stage);
  await derived.roles;
  await requireFewResources(derived);
}
