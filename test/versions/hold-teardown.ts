import { setTimeout as sleep } from 'node:timers/promises';
import type { PostgresAccess } from 'local-postgres/access';
import pg from 'pg';

const POLL_MS = 50;

/**
 * Waits until a restore test on this server has loaded and validated its copy, and gives the copy's name to `look` before the
 * teardown drops it: the teardown takes the same advisory lock on the copy's name that is taken here.
 *
 * Call it before the restore test starts. It ends with what `look` returned.
 */
export async function holdTeardown<T>(
  server: PostgresAccess,
  look: (copy: string) => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  const client = new pg.Client(server.superuser());
  await client.connect();
  try {
    const copy = await until(signal, async () => {
      // Marked as claimed: from now on only the teardown takes the lock.
      const { rows } = await client.query<{ name: string }>(
        `SELECT datname AS name FROM pg_database
         WHERE shobj_description(oid, 'pg_database') LIKE '%"claimed":true%'`,
      );
      return rows[0]?.name;
    });
    await client.query('SELECT pg_advisory_lock(hashtextextended($1, 0))', [copy]);
    await until(signal, async () => {
      const { rows } = await client.query("SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted");
      return rows[0];
    });
    return await look(copy);
  } finally {
    await client.end();
  }
}

async function until<T>(signal: AbortSignal, ask: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    await sleep(POLL_MS, undefined, { signal });
  }
}
