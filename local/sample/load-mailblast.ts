import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type pg from 'pg';

const scripts = path.join(import.meta.dirname, 'mailblast');

/**
 * Fills an empty database with MailBlast data: about 1 GB at scale 1, 50 MB at 0.05. The same scale gives the same rows.
 * All or nothing; run as the database's owner.
 */
export async function loadMailblast(client: pg.ClientBase, { scale }: { scale: number }): Promise<void> {
  const names = (await readdir(scripts)).sort();
  await client.query('BEGIN');
  try {
    // Dates depend on the session's time zone: fixed, so that rows do not depend on the server's.
    await client.query("SET LOCAL timezone = 'UTC'; SET LOCAL client_min_messages = warning");
    await client.query("SET LOCAL maintenance_work_mem = '256MB'");
    await client.query("SELECT set_config('sample.scale', $1, true)", [String(scale)]);
    for (const name of names) await client.query(await readFile(path.join(scripts, name), 'utf8'));
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  }
  await client.query('ANALYZE'); // otherwise the planner would treat every table as empty for the first reader
}
