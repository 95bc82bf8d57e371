import type { Engine } from '../engine.ts';
import { heartbeats } from './heartbeat.ts';
import { comparisons } from './inspect-copy.ts';
import { restores } from './load.ts';
import { snapshots } from './open-snapshot.ts';
import { replicaReads } from './replica.ts';
import { scratchServers } from './scratch-server.ts';

/** All parts of the PostgreSQL engine. A function opens single parts by `database/open`, so that its bundle stays small. */
export const postgresEngine: Engine = {
  heartbeats,
  snapshots,
  scratchServers,
  restores,
  comparisons,
  replicaReads,
};
