import type { ReplicaReads } from '../engine.ts';
import { replicaReads as postgres } from '../postgres/replica.ts';
import type { EngineName } from './engine-name.ts';

/** Opens what asks replicas how far they are. */
export const openReplicaReads = (engine: EngineName): ReplicaReads => ({ postgres })[engine];
