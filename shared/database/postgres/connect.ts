import pg from 'pg';
import type { DatabaseAccess } from '../access.ts';
import { DatabaseUnreachable } from '../engine.ts';

/**
 * Settings that decide how values are written as text. Every session pins them, because a fingerprint is made of that
 * text: servers with different defaults must write the same row alike.
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
  // A backup must not take more of a busy source than its own connections.
  'SET max_parallel_workers_per_gather = 0',
  'SET statement_timeout = 0',
  'SET lock_timeout = 0',
  'SET idle_in_transaction_session_timeout = 0',
  // Not every supported version has these two.
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
      `database "${access.dbname}" at ${access.host}:${access.port} could not be connected to: ${reason}`,
      { cause },
    );
  }
  return client;
}

/** Runs `work` on a connection of its own and closes the connection afterwards, also if the work fails. */
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
