import type { ScratchServers } from '../engine.ts';
import { scratchServers as postgres } from '../postgres/scratch-server.ts';
import type { EngineName } from './engine-name.ts';

/** Opens what creates and drops scratch databases. */
export const openScratchServers = (engine: EngineName): ScratchServers => ({ postgres })[engine];
