import pg from 'pg';
import { LifeboatError } from '../../errors/lifeboat-error.ts';
import type { DatabaseAccess } from '../access.ts';

/** The database could not be reached or refused the login. Transient more often than not: worth a retry. */
export class DatabaseUnreachable extends LifeboatError {
  override readonly name = 'DatabaseUnreachable';
  override readonly kind = 'unavailable';
  override readonly retryable = true;
}

/**
 * Settings that decide how values are written as text. They are pinned in every session, because a fingerprint is
 * made of that text: two servers with other defaults must still write the same row alike.
 * https://www.postgresql.org/docs/current/runtime-config-client.html
 */
const PINNED = [
  "SET client_encoding = 'UTF8'",
  "SET timezone = 'UTC'",
  "SET datestyle = 'ISO, YMD'",
  "SET intervalstyle = 'postgres'",
  'SET extra_float_digits = 1',
  "SET bytea_output = 'hex'",
  "SET xmlbinary = 'base64'",
  "SET lc_monetary = 'C'",
  'SET quote_all_identifiers = off',
  "SET search_path = ''",
  // A policy that hides rows must raise an error, not shorten a backup.
  'SET row_security = off',
  // A backup takes from a source that is at work what its own connections take, and no more.
  'SET max_parallel_workers_per_gather = 0',
  'SET statement_timeout = 0',
  'SET lock_timeout = 0',
  'SET idle_in_transaction_session_timeout = 0',
  // The two that not every supported version has.
  `SELECT pg_catalog.set_config(name, '0', false) FROM pg_catalog.pg_settings
   WHERE name IN ('idle_session_timeout', 'transaction_timeout')`,
].join('; ');

/**
 * Opens a connection over TLS, verified against the plan's certificate authority and the host's name, with the
 * session's text format pinned. The caller ends it.
 *
 * @param purpose shows in `pg_stat_activity.application_name`
 * @throws DatabaseUnreachable when the server cannot be reached, refuses TLS or refuses the login
 */
export async function connect(access: DatabaseAccess, purpose: string): Promise<pg.Client> {
  const client = new pg.Client({
    host: access.host,
    port: access.port,
    user: access.username,
    password: access.password,
    database: access.dbname,
    ssl: { ca: access.certificateAuthority, rejectUnauthorized: true },
    application_name: `lifeboat ${purpose}`,
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
  });
  // A connection lost while idle is reported by the next query; without a listener it would end the process.
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query(PINNED);
  } catch (cause) {
    await client.end().catch(() => {});
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new DatabaseUnreachable(
      `database "${access.dbname}" at ${access.host}:${access.port} could not be entered: ${reason}`,
      { cause },
    );
  }
  return client;
}

/** Runs `work` on a connection of its own and ends the connection whatever happens. */
export async function withConnection<T>(
  access: DatabaseAccess,
  purpose: string,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = await connect(access, purpose);
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => {});
  }
}
