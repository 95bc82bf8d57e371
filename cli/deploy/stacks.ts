import type { Plan } from '../../shared/plan/schema.ts';
import type { StackRole } from '../../shared/plan/stack-role.ts';
import type { Changes } from './changes.ts';

/** One stack of a plan: what it is, and where it stands. */
export interface PlannedStack {
  readonly name: string;
  readonly role: StackRole;
  readonly region: string;
}

/** A stack that is packaged, with what would change. */
export interface PreparedStack extends PlannedStack {
  readonly changes: Changes;
}

/**
 * The stacks of a plan in the order in which they are deployed. The standby comes first: the primary's vault is replicated to
 * its vault.
 */
export function stacksOf(
  { workload, regions }: Plan,
  { stage, alone }: { readonly stage: string; readonly alone: boolean },
): PlannedStack[] {
  const name = `lifeboat-${workload}-${stage}`;
  if (alone) return [{ name, role: 'alone', region: regions.primary }];
  return [
    { name, role: 'standby', region: regions.standby },
    { name, role: 'primary', region: regions.primary },
  ];
}
