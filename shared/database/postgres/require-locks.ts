import type pg from 'pg';
import { LifeboatError } from '../../errors/lifeboat-error.ts';
import type { DatabaseAccess } from '../access.ts';

/** The database has more tables than its server can lock at once. */
export class TooManyTables extends LifeboatError {
  override readonly name = 'TooManyTables';
  override readonly kind = 'unsupported';
}

/**
 * Checks that the server can lock every table at once, before any is locked: a backup holds all of them for its one moment,
 * and pg_dump locks the same ones. The server has some room beyond its settings, which is left to the application.
 * https://www.postgresql.org/docs/current/runtime-config-locks.html
 *
 * @throws TooManyTables
 */
export async function requireLocks(client: pg.Client, { dbname }: DatabaseAccess): Promise<void> {
  const { rows } = await client.query<Record<'tables' | 'locks' | 'connections' | 'prepared', number>>(`
    SELECT (SELECT count(*)::int FROM pg_catalog.pg_class WHERE relkind IN ('r', 'p') AND oid >= 16384) AS tables,
      pg_catalog.current_setting('max_locks_per_transaction')::int AS locks,
      pg_catalog.current_setting('max_connections')::int AS connections,
      pg_catalog.current_setting('max_prepared_transactions')::int AS prepared`);
  const [found] = rows;
  if (!found) throw new Error('the server did not tell how many locks it has');
  const { tables, locks, connections, prepared } = found;
  const room = locks * (connections + prepared);
  if (tables <= room) return;
  const needed = Math.ceil((tables * 1.25) / (connections + prepared));
  throw new TooManyTables(
    `database "${dbname}" has ${tables} tables, its server can lock ${room} at once: max_locks_per_transaction ${locks} × (max_connections ${connections} + max_prepared_transactions ${prepared})`,
    {
      hint: `Set max_locks_per_transaction to ${needed} or more and restart the server. The scratch server needs the same.`,
    },
  );
}
