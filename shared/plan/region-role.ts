import type { Plan } from './schema.ts';

/** One of the plan's two Regions, by its role. */
export type RegionRole = 'primary' | 'standby';

/** The role of the Region that something runs in. A stack of its own, as for a test, may be in any Region: it works there as in the primary. */
export function regionRoleOf({ regions }: Pick<Plan, 'regions'>, region: string): RegionRole {
  return region === regions.standby ? 'standby' : 'primary';
}
