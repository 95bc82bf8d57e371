import pg from 'pg';
import { LifeboatError } from '../../errors/lifeboat-error.ts';
import type { DatabaseAccess } from '../access.ts';
import { PgDumpFailed } from './pg-dump/run-pg-dump.ts';

/** A standby ended a query, because it had to replay what the query still read. */
export class StandbyConflict extends LifeboatError {
  override readonly name = 'StandbyConflict';
  override readonly kind = 'conflict';
  override readonly retryable = true;
  override readonly hint =
    'Set hot_standby_feedback to on at the standby, or max_standby_streaming_delay longer than a backup takes.';
}

/** The function of the server that reports it. Its message has another text in every language. */
const REPORTED_BY = /RecoveryConflict/;
/** pg_dump passes the message on, and nothing else. */
const SAID_BY_PG_DUMP = /conflict with recovery/;

/**
 * Turns an error that a standby raised to go on replaying into StandbyConflict; returns any other as it is.
 * https://www.postgresql.org/docs/current/hot-standby.html#HOT-STANDBY-CONFLICT
 */
export function namingStandbyConflict(error: unknown, { dbname, host, port }: DatabaseAccess): unknown {
  const byServer = error instanceof pg.DatabaseError && REPORTED_BY.test(error.routine ?? '');
  const byPgDump = error instanceof PgDumpFailed && SAID_BY_PG_DUMP.test(error.message);
  if (!byServer && !byPgDump) return error;
  return new StandbyConflict(
    `the standby of database "${dbname}" at ${host}:${port} ended a query of the backup: ${error.message}`,
    { cause: error },
  );
}
