import type pg from 'pg';
import type { TableName } from './identifier.ts';

/**
 * A row that says when the source last wrote. The newest one found in a restored copy tells how far back the copy
 * reaches, in the source's own history and not by the name of a file.
 */
const CREATE = `
  CREATE SCHEMA IF NOT EXISTS lifeboat;
  CREATE TABLE IF NOT EXISTS lifeboat.heartbeat (
    workload text PRIMARY KEY,
    beat_at timestamptz NOT NULL)`;

/** Whether a table is the heartbeat's, and so none of the application. */
export function isHeartbeat({ schema, name }: TableName): boolean {
  return schema === 'lifeboat' && name === 'heartbeat';
}

/** Makes the heartbeat's table where it is missing. Needs the right to create a schema in the database. */
export async function prepareHeartbeat(client: pg.Client): Promise<void> {
  const { rows } = await client.query(
    "SELECT pg_catalog.to_regclass('lifeboat.heartbeat') IS NOT NULL AS there",
  );
  if (!rows[0].there) await client.query(CREATE);
}

/** Writes the heartbeat. It never goes backwards, whoever writes it late. */
export async function beat(client: pg.Client, workload: string, now: Date): Promise<void> {
  await client.query(
    `INSERT INTO lifeboat.heartbeat AS stored (workload, beat_at) VALUES ($1, $2)
     ON CONFLICT (workload) DO UPDATE SET beat_at = greatest(stored.beat_at, excluded.beat_at)`,
    [workload, now],
  );
}

/** The newest heartbeat that the connection sees; null where there is no table or no beat. */
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
