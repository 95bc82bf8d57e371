import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { ScratchNotDropped } from '../engine.ts';

export interface DropLimits {
  /** One DROP DATABASE may take as long. It forces a checkpoint, which takes minutes after a big load. */
  readonly statementMs: number;
  /** A database that is in use is tried again for as long. */
  readonly inUseMs: number;
}

/** insufficient_privilege, which is what a session of another role answers, and object_in_use. */
const IN_USE = new Set(['42501', '55006']);

interface State {
  /** Its drop was broken off once. It can only be dropped. */
  readonly invalid: boolean;
  readonly owner: string;
  /** Whether this role has the rights of the owner. */
  readonly ours: boolean;
}

/**
 * Drops a database as its owner, who is no superuser. Not by `WITH (FORCE)`: that needs the right to end every session, and
 * those of autovacuum are a superuser's. A plain DROP DATABASE ends autovacuum workers without asking.
 * https://www.postgresql.org/docs/current/sql-dropdatabase.html
 *
 * @throws ScratchNotDropped
 */
export async function dropDatabase(
  client: pg.Client,
  name: string,
  { statementMs, inUseMs }: DropLimits,
): Promise<void> {
  const from = Date.now();
  for (let pauseMs = 250; ; pauseMs = Math.min(pauseMs * 2, 8000)) {
    const state = await readState(client, name);
    if (!state) return;
    try {
      if (!state.invalid) await close(client, name);
      await endSessions(client, name);
      await client.query(`SET statement_timeout = ${statementMs}`);
      await client.query(`DROP DATABASE IF EXISTS ${pg.escapeIdentifier(name)}`);
      await client.query('SET statement_timeout = 0');
      return;
    } catch (error) {
      if (!(error instanceof pg.DatabaseError)) throw error;
      const passes = state.ours && IN_USE.has(error.code ?? '');
      if (!passes || Date.now() - from + pauseMs > inUseMs)
        throw await notDropped(client, name, state, error);
      await client.query('SET statement_timeout = 0');
    }
    await sleep(pauseMs);
  }
}

/** Null if there is no such database. https://www.postgresql.org/docs/current/catalog-pg-database.html */
async function readState(client: pg.Client, name: string): Promise<State | null> {
  const { rows } = await client.query<State>(
    `SELECT datconnlimit = -2 AS invalid, pg_catalog.pg_get_userbyid(datdba) AS owner,
       pg_catalog.pg_has_role(datdba, 'USAGE') AS ours
     FROM pg_catalog.pg_database WHERE datname = $1`,
    [name],
  );
  return rows[0] ?? null;
}

/** Lets no new session in, and takes off what protects a template from being dropped. */
async function close(client: pg.Client, name: string): Promise<void> {
  await client.query(
    `ALTER DATABASE ${pg.escapeIdentifier(name)} WITH ALLOW_CONNECTIONS false IS_TEMPLATE false`,
  );
}

/** Ends the sessions that this role may end. Autovacuum has no role, and DROP DATABASE ends it. */
async function endSessions(client: pg.Client, name: string): Promise<void> {
  await client.query(
    `SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity
     WHERE datname = $1 AND pid <> pg_catalog.pg_backend_pid() AND usesysid IS NOT NULL
       AND CASE WHEN (SELECT rolsuper FROM pg_catalog.pg_roles WHERE oid = usesysid)
         THEN (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user)
         ELSE pg_catalog.pg_has_role(usesysid, 'USAGE') OR pg_catalog.pg_has_role('pg_signal_backend', 'USAGE')
       END`,
    [name],
  );
}

/** Says what holds the database, and how a person ends it. */
async function notDropped(
  client: pg.Client,
  name: string,
  { owner, ours }: State,
  cause: pg.DatabaseError,
): Promise<ScratchNotDropped> {
  const held = ours ? await holders(client, name) : [`it belongs to the role "${owner}"`];
  const why = held.length > 0 ? `${cause.message}: ${held.join('; ')}` : cause.message;
  return new ScratchNotDropped(
    `database "${name}" is still on the scratch server, with all that was restored into it: ${why}. End what holds it, then: DROP DATABASE ${pg.escapeIdentifier(name)}`,
    { cause },
  );
}

/** What holds a database: the first five, and how many more. */
async function holders(client: pg.Client, name: string): Promise<string[]> {
  const { rows } = await client.query<{ holder: string }>(
    `SELECT pg_catalog.format('a session of the role %s (%s, pid %s)', coalesce(usename, 'of the server'),
         coalesce(nullif(application_name, ''), backend_type, 'unknown program'), pid) AS holder
       FROM pg_catalog.pg_stat_activity WHERE datname = $1
     UNION ALL SELECT pg_catalog.format('the prepared transaction %L of the role %s', gid, owner)
       FROM pg_catalog.pg_prepared_xacts WHERE database = $1
     UNION ALL SELECT pg_catalog.format('the active replication slot %L', slot_name)
       FROM pg_catalog.pg_replication_slots WHERE database = $1 AND active`,
    [name],
  );
  const shown = rows.slice(0, 5).map(({ holder }) => holder);
  return rows.length > 5 ? [...shown, `${rows.length - 5} more`] : shown;
}
