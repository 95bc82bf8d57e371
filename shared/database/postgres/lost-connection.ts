import pg from 'pg';
import type { DatabaseAccess } from '../access.ts';
import { DatabaseUnreachable } from '../engine.ts';

/** The server was shut down, crashed, or is starting up. https://www.postgresql.org/docs/current/errcodes-appendix.html */
const SERVER_WENT = new Set(['57P01', '57P02', '57P03']);
const CONNECTION_EXCEPTION = '08';
/** How `pg` says that a connection broke under a query, or had broken before one. */
const BROKEN = /^Connection terminated|^Client has encountered a connection error/;

/**
 * Turns an error on an open connection into DatabaseUnreachable if the connection was lost; returns any other
 * as it is. A server that fails over or restarts is back soon, so safe operations are worth a retry.
 */
export function namingLostConnection(error: unknown, { dbname, host, port }: DatabaseAccess): unknown {
  if (!isLost(error)) return error;
  return new DatabaseUnreachable(
    `the connection to database "${dbname}" at ${host}:${port} was lost: ${error.message}`,
    { cause: error },
  );
}

/** Whether an error says that the connection is gone. */
export function isLost(error: unknown): error is Error {
  if (error instanceof pg.DatabaseError)
    return SERVER_WENT.has(error.code ?? '') || (error.code ?? '').startsWith(CONNECTION_EXCEPTION);
  return error instanceof Error && BROKEN.test(error.message);
}
