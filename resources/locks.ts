import { leasedDatabases } from '../shared/plan/lookup.ts';
import type { Plan } from '../shared/plan/schema.ts';
import type { StackRole } from '../shared/plan/stack-role.ts';
import { readPart, type TemplatePart } from './read-part.ts';

/** The table of the locks. Only a standby Region has it, and the primary one writes there. */
export function deriveLocks(plan: Plan, role: StackRole): TemplatePart {
  if (role !== 'standby' || leasedDatabases(plan).length === 0) return { Resources: {}, Outputs: {} };
  return readPart('locks');
}
