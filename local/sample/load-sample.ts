import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type pg from 'pg';

/** Each has a folder of SQL scripts beside this file. */
export type SampleName = 'mailblast' | 'healing-guard';

/**
 * Fills an empty database with sample data: about 1 GB at scale 1, 50 MB at 0.05. The same scale gives the same rows.
 * All or nothing; run as the database's owner.
 */
export async function loadSample(
  client: pg.ClientBase,
  name: SampleName,
  { scale }: { scale: number },
): Promise<void> {
  const folder = path.join(import.meta.dirname, name);
  await client.query('BEGIN');
  try {
    // Dates depend on the session's time zone: fixed, so that rows do not depend on the server's.
    await client.query("SET LOCAL timezone = 'UTC'; SET LOCAL client_min_messages = warning");
    await client.query("SET LOCAL maintenance_work_mem = '256MB'");
    await client.query("SELECT set_config('sample.scale', $1, true)", [String(scale)]);
    for (const script of (await readdir(folder)).sort())
      await client.query(await readFile(path.join(folder, script), 'utf8'));
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  }
  await client.query('ANALYZE'); // otherwise the planner would treat every table as empty for the first reader
}
