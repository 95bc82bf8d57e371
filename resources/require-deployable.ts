import type { Plan } from '../shared/plan/schema.ts';
import { derive } from './derive.ts';
import { requireShortNames } from './name-limits.ts';
import { requireFewResources } from './resource-limit.ts';

/**
 * Derives everything from a plan, as a deployment does, and throws it away.
 *
 * @throws NotDeployable for a plan that AWS would reject in the middle of a deployment
 */
export async function requireDeployable(plan: Plan, stage: string): Promise<void> {
  requireShortNames(plan, stage);
  const derived = derive(plan);
  await derived.roles;
  await requireFewResources(derived);
}
