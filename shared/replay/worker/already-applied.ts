import pLimit from 'p-limit';
import pg from 'pg';
import type { DatabaseAccess } from '../../database/access.ts';
import { connect } from '../../database/postgres/connect.ts';
import { LifeboatError } from '../../errors/lifeboat-error.ts';

/** Asks the application's own database whether a message has already taken effect. */
export interface AlreadyAppliedCheck {
  /**
   * Whether the application already has the effect of the key's message. Calls may run in parallel.
   *
   * A key that is not a valid value of $1's type counts as absent: no row holds `x` where ids are uuids. The
   * SQL would say the same if it compared text.
   *
   * @throws AlreadyAppliedCheckUnavailable or AlreadyAppliedCheckInvalid, after which nothing may be sent;
   * the signal's reason
   */
  has(key: string, signal: AbortSignal): Promise<boolean>;
  /** Closes the connections at once. */
  close(): Promise<void>;
}

export interface AlreadyAppliedOptions {
  /** Queries in parallel, each on its own connection. */
  readonly connections?: number;
  /** Milliseconds for one query. */
  readonly timeout?: number;
}

/** PostgreSQL rejects the plan's SQL, so the application's state is unknown. */
export class AlreadyAppliedCheckInvalid extends LifeboatError {
  override readonly name = 'AlreadyAppliedCheckInvalid';
  override readonly kind = 'usage';
}

/** The database did not respond in time, so the application's state is unknown. */
export class AlreadyAppliedCheckUnavailable extends LifeboatError {
  override readonly name = 'AlreadyAppliedCheckUnavailable';
  override readonly kind = 'unavailable';
  override readonly retryable = true;
}

/** Extra wait beyond the server's own limit, because a connection may break without notice. */
const GRACE_MS = 2_000;

const STATEMENT = 'already-applied';

/**
 * Opens the check and runs it once with a null key, so that invalid SQL is found before anything is sent. The
 * check can only read, and sees the tables of the schema `public` by their plain names.
 *
 * @param sql one query, true if it returns a row; its only parameter is $1, the key
 * @throws AlreadyAppliedCheckInvalid with PostgreSQL's words, AlreadyAppliedCheckUnavailable
 */
export async function openAlreadyAppliedCheck(
  access: DatabaseAccess,
  sql: string,
  { connections: count = 4, timeout = 5_000 }: AlreadyAppliedOptions = {},
): Promise<AlreadyAppliedCheck> {
  const connections: pg.Client[] = [];
  const slots = pLimit(count);
  const close = async () => {
    await Promise.allSettled(connections.map((connection) => connection.end()));
  };

  async function find(connection: pg.Client, key: string | null): Promise<boolean> {
    const limit = { query_timeout: timeout + GRACE_MS };
    const { rows } = await connection.query({ name: STATEMENT, text: sql, values: [key], ...limit });
    return rows.length > 0;
  }

  try {
    while (connections.length < count) connections.push(await open(access, timeout));
    await Promise.all(connections.map((connection) => find(connection, null)));
  } catch (error) {
    await close();
    throw named(error, access);
  }
  const idle = [...connections];

  async function answer(key: string, signal: AbortSignal): Promise<boolean> {
    signal.throwIfAborted();
    const connection = idle.pop();
    if (!connection) throw new Error('the alreadyApplied check has as many connections as slots');
    try {
      return await find(connection, key);
    } catch (error) {
      if (isAboutValue(error) && !(await canBeAsked(connection, key))) return false;
      throw error;
    } finally {
      idle.push(connection);
    }
  }

  return {
    close,
    async has(key, signal) {
      signal.throwIfAborted();
      try {
        return await orAborted(
          slots(() => answer(key, signal)),
          signal,
        );
      } catch (error) {
        throw error === signal.reason ? error : named(error, access);
      }
    },
  };
}

async function open(access: DatabaseAccess, timeout: number): Promise<pg.Client> {
  const connection = await connect(access, 'already-applied');
  await connection.query(
    `SET default_transaction_read_only = on; SET search_path = public; SET statement_timeout = ${Math.ceil(timeout)}`,
  );
  return connection;
}

/**
 * Whether the key is a valid value of the type that PostgreSQL inferred for $1. The SQL's use of it is not
 * checked.
 */
async function canBeAsked(connection: pg.Client, key: string): Promise<boolean> {
  const { rows } = await connection.query<{ type: string }>(
    'SELECT parameter_types[1]::text AS type FROM pg_catalog.pg_prepared_statements WHERE name = $1',
    [STATEMENT],
  );
  try {
    await connection.query(`SELECT $1::${rows[0]?.type}`, [key]);
    return true;
  } catch (error) {
    if (isAboutValue(error)) return false;
    throw error;
  }
}

/** Data exceptions, and domain constraints. https://www.postgresql.org/docs/current/errcodes-appendix.html */
function isAboutValue(error: unknown): boolean {
  return error instanceof pg.DatabaseError && /^2[23]/.test(error.code ?? '');
}

/**
 * SQLSTATEs that concern the server or the moment. They cover connection, resources, operator (time limits
 * included), system, internal errors and a lock that was not granted. Transaction errors are among them too:
 * a standby cancels queries that delay it.
 */
const MOMENTARY = /^(08|40|53|57|58|XX)|^55P03$/;
/** PostgreSQL also uses this code for a wrong number of parameters. */
const PROTOCOL_VIOLATION = '08P01';

function named(error: unknown, { dbname, host, port }: DatabaseAccess): Error {
  const words = error instanceof Error ? error.message : String(error);
  const code = error instanceof pg.DatabaseError ? (error.code ?? '') : null;
  if (code === null || (MOMENTARY.test(code) && code !== PROTOCOL_VIOLATION))
    return new AlreadyAppliedCheckUnavailable(
      `database "${dbname}" at ${host}:${port} does not tell what the application has: ${words}`,
      { cause: error },
    );
  return new AlreadyAppliedCheckInvalid(
    `PostgreSQL rejects the plan's alreadyApplied check: ${words} (SQLSTATE ${code}). Expected: one query that only reads and whose only parameter is $1, the key`,
    { cause: error },
  );
}

/** The promise's outcome, or the signal's reason as soon as it fires. */
async function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  signal.addEventListener('abort', abort);
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
