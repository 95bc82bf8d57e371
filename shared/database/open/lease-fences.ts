import type { LeaseFences } from '../lease-fence.ts';
import { leaseFences as postgres } from '../postgres/lease-fence/lease-fence.ts';
import type { EngineName } from './engine-name.ts';

/** Opens what fences tables by a lease. */
export const openLeaseFences = (engine: EngineName): LeaseFences => ({ postgres })[engine];
