import type pg from 'pg';
import type { Heartbeats } from '../engine.ts';
import { withConnection } from './connect.ts';

/**
 * One row per workload with the time of its last write. The newest one in a restored copy shows how far the
 * copy reaches. It is part of the source's own history, not a file name.
 */
const CREATE = `
  CREATE SCHEMA IF NOT EXISTS lifeboat;
  CREATE TABLE IF NOT EXISTS lifeboat.heartbeat (
    workload text PRIMARY KEY,
    beat_at timestamptz NOT NULL)`;

/** Creates the heartbeat's table if it is missing. Needs the right to create a schema in the database. */
export async function prepareHeartbeat(client: pg.Client): Promise<void> {
  const { rows } = await client.query(
    "SELECT pg_catalog.to_regclass('lifeboat.heartbeat') IS NOT NULL AS there",
  );
  if (!rows[0].there) await client.query(CREATE);
}

/** Writes the heartbeat. A late writer never moves it backwards. */
export async function beat(client: pg.Client, workload: string, now: Date): Promise<void> {
  await client.query(
    `INSERT INTO lifeboat.heartbeat AS stored (workload, beat_at) VALUES ($1, $2)
     ON CONFLICT (workload) DO UPDATE SET beat_at = greatest(stored.beat_at, excluded.beat_at)`,
    [workload, now],
  );
}

/** The newest heartbeat that the connection sees; null if there is no table or no row. */
export async function newestHeartbeat(client: pg.Client, workload: string): Promise<Date | null> {
  const { rows: tables } = await client.query(
    "SELECT pg_catalog.to_regclass('lifeboat.heartbeat') IS NOT NULL AS there",
  );
  if (!tables[0].there) return null;
  const { rows } = await client.query<{ beat_at: Date }>(
    'SELECT beat_at FROM lifeboat.heartbeat WHERE workload = $1',
    [workload],
  );
  return rows[0]?.beat_at ?? null;
}

export const heartbeats: Heartbeats = {
  beat: (access, workload, at) =>
    withConnection(access, 'heartbeat', async (client) => {
      await prepareHeartbeat(client);
      await beat(client, workload, at);
    }),
};
