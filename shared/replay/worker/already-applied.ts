import pLimit from 'p-limit';
import pg from 'pg';
import type { DatabaseAccess } from '../../database/access.ts';
import { connect } from '../../database/postgres/connect.ts';
import { LifeboatError } from '../../errors/lifeboat-error.ts';

/** Asks the application's own database whether a message has taken effect already. */
export interface AlreadyAppliedCheck {
  /**
   * Whether the application has what the key stands for. Many may be asked at the same time.
   *
   * A key that cannot be a value of $1's type is not there: no row holds `x` where ids are uuids. That is what the SQL
   * would answer if it compared texts.
   *
   * @throws AlreadyAppliedCheckUnavailable or AlreadyAppliedCheckInvalid, after which nothing may be sent; the signal's reason
   */
  has(key: string, signal: AbortSignal): Promise<boolean>;
  /** Cuts the connections. */
  close(): Promise<void>;
}

export interface AlreadyAppliedOptions {
  /** Questions at the same time, each on a connection of its own. */
  readonly connections?: number;
  /** Milliseconds for one answer. */
  readonly timeout?: number;
}

/** The plan's SQL cannot be asked, so it is not known what the application has. */
export class AlreadyAppliedCheckInvalid extends LifeboatError {
  override readonly name = 'AlreadyAppliedCheckInvalid';
  override readonly kind = 'usage';
}

/** The database did not answer, or not in time, so it is not known what the application has. */
export class AlreadyAppliedCheckUnavailable extends LifeboatError {
  override readonly name = 'AlreadyAppliedCheckUnavailable';
  override readonly kind = 'unavailable';
  override readonly retryable = true;
}

/** How much longer than the server's own limit an answer is waited for: a connection may be cut without a word. */
const GRACE_MS = 2_000;

const STATEMENT = 'probe';

/**
 * Opens a probe and asks it once, for no key, so that SQL that cannot be asked is found before anything is sent. It can
 * only read, and sees the tables of the schema `public` by their plain names.
 *
 * @param sql one query, true where it answers a row; its only parameter is $1, the key
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
    if (!connection) throw new Error('a probe has as many connections as slots');
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
  const connection = await connect(access, 'probe');
  await connection.query(
    `SET default_transaction_read_only = on; SET search_path = public; SET statement_timeout = ${Math.ceil(timeout)}`,
  );
  return connection;
}

/** Whether the key can be a value of the type that PostgreSQL found for $1. What the SQL makes of it is another matter. */
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

/** Data exceptions, and constraints of a domain. https://www.postgresql.org/docs/current/errcodes-appendix.html */
function isAboutValue(error: unknown): boolean {
  return error instanceof pg.DatabaseError && /^2[23]/.test(error.code ?? '');
}

/**
 * SQLSTATEs that speak of the server or the moment: connection, transaction (a standby that cancels what holds it up),
 * resources, operator (a time limit among them), system, internal; and a lock that was not given.
 */
const MOMENTARY = /^(08|40|53|57|58|XX)|^55P03$/;
/** Sent for a wrong number of parameters too. */
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
    `the plan's probe cannot be asked: ${words} (SQLSTATE ${code}). Expected: one query that only reads and whose only parameter is $1, the key`,
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
