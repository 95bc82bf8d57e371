import type { Comparisons } from '../engine.ts';
import { comparisons as postgres } from '../postgres/inspect-copy.ts';
import type { EngineName } from './engine-name.ts';

/** Opens what reads a restored copy. */
export const openComparisons = (engine: EngineName): Comparisons => ({ postgres })[engine];
