import type { Snapshots } from '../engine.ts';
import { snapshots as postgres } from '../postgres/open-snapshot.ts';
import type { EngineName } from './engine-name.ts';

/** Opens what reads a moment of a database. */
export const openSnapshots = (engine: EngineName): Snapshots => ({ postgres })[engine];
