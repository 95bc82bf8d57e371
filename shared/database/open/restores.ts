import type { Restores } from '../engine.ts';
import { restores as postgres } from '../postgres/load.ts';
import type { EngineName } from './engine-name.ts';

/** Opens what loads a copy. */
export const openRestores = (engine: EngineName): Restores => ({ postgres })[engine];
