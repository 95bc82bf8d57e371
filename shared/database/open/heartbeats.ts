import type { Heartbeats } from '../engine.ts';
import { heartbeats as postgres } from '../postgres/heartbeat.ts';
import type { EngineName } from './engine-name.ts';

/** Opens what writes heartbeats. */
export const openHeartbeats = (engine: EngineName): Heartbeats => ({ postgres })[engine];
