import pg from 'pg';
import type { Clock } from '../../clock/clock.ts';
import { LifeboatError } from '../../errors/lifeboat-error.ts';
import type { DatabaseAccess } from '../access.ts';
import { readable } from '../table.ts';
import { holdTables, listTables } from './catalog.ts';
import { connect } from './connect.ts';
import type { PagedTable } from './divide-into-ranges.ts';
import { requireLocks } from './require-locks.ts';

/** One moment of a database, held open, that any number of connections can read. */
export interface ExportedSnapshot {
  readonly name: string;
  /** Everything that was committed by then is in it. */
  readonly takenAt: Date;
  /** The connection whose transaction exported the snapshot; reads the same moment. */
  readonly client: pg.Client;
  /** What ended that connection while nobody read from it; null while it lives. Without it no table is held any more. */
  ended(): Error | null;
  /** Every table of that moment. No session can drop, truncate or rewrite one until the snapshot ends. */
  readonly tables: readonly PagedTable[];
  /** Opens another connection that reads the same moment. The snapshot closes it at release. */
  join(purpose: string): Promise<pg.Client>;
  /** Closes every connection once it is idle. */
  release(): Promise<void>;
  /** Cuts every connection at once. */
  abandon(): void;
}

/** Several attempts to lock all tables failed, because tables were created or dropped during each. */
export class TablesUnsteady extends LifeboatError {
  override readonly name = 'TablesUnsteady';
  override readonly kind = 'conflict';
  override readonly retryable = true;
  override readonly hint = 'Take the backup while no migration runs.';
}

/** A table created between listing and locking costs one more try. Ten in a row are no coincidence. */
const TRIES = 10;

/**
 * Opens a read-only transaction and exports its snapshot, so that rows, schema and fingerprints show one moment.
 * https://www.postgresql.org/docs/current/functions-admin.html#FUNCTIONS-SNAPSHOT-SYNCHRONIZATION
 *
 * The tables are held before the moment is fixed. A table truncated or rewritten in between would be empty to the snapshot,
 * beside others that still are as they were before. LOCK TABLE itself takes no snapshot.
 * https://www.postgresql.org/docs/current/mvcc-caveats.html
 *
 * @param signal abandons the snapshot, also while it still waits for a lock
 * @throws DatabaseUnreachable, TablesUnsteady, and the signal's reason when it fired
 */
export async function exportSnapshot(
  access: DatabaseAccess,
  { clock, signal }: { clock: Clock; signal: AbortSignal },
): Promise<ExportedSnapshot> {
  const client = await connect(access, 'snapshot');
  let ended: Error | null = null;
  client.on('error', (error) => {
    // What the server said comes first, then that the connection is gone.
    ended ??= error;
  });
  const joined: pg.Client[] = [];
  let gone = false;
  const abandon = (): void => {
    gone = true;
    for (const each of [client, ...joined]) each.connection.stream.destroy();
    signal.removeEventListener('abort', abandon);
  };
  signal.addEventListener('abort', abandon);
  try {
    signal.throwIfAborted();
    const moment = await fixMoment(client, access, clock);
    return {
      ...moment,
      client,
      ended: () => ended,
      abandon,
      async release() {
        await Promise.allSettled([client, ...joined].map((each) => each.end()));
        signal.removeEventListener('abort', abandon);
      },
      async join(purpose) {
        const other = await connect(access, purpose);
        joined.push(other);
        // The snapshot was abandoned while this was connecting, so nothing else would close it.
        if (gone) other.connection.stream.destroy();
        await other.query('BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY');
        await other.query(`SET TRANSACTION SNAPSHOT '${moment.name}'`);
        return other;
      },
    };
  } catch (error) {
    abandon();
    signal.throwIfAborted();
    throw error;
  }
}

type Moment = Pick<ExportedSnapshot, 'name' | 'takenAt' | 'tables'>;

async function fixMoment(client: pg.Client, access: DatabaseAccess, clock: Clock): Promise<Moment> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const seen = await listTables(client);
    await client.query('BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY');
    await requireLocks(client, access);
    if (await holdOrMiss(client, seen)) {
      // Only once the tables are locked, because waiting for a lock may take long.
      const takenAt = clock.now();
      const { rows } = await client.query<{ name: string }>('SELECT pg_catalog.pg_export_snapshot() AS name');
      const name = rows[0]?.name;
      if (!name) throw new Error('the server exported no snapshot');
      const tables = await listTables(client);
      const held = new Set(seen.map(readable));
      if (tables.every((table) => held.has(readable(table)))) return { name, takenAt, tables };
    }
    await client.query('ROLLBACK');
  }
  throw new TablesUnsteady(`tables were created or dropped in each of ${TRIES} tries to lock them all`);
}

/** False if a table was dropped since it was listed: undefined_table or invalid_schema_name. */
async function holdOrMiss(client: pg.Client, tables: readonly PagedTable[]): Promise<boolean> {
  try {
    if (tables.length > 0) await holdTables(client, tables);
    return true;
  } catch (error) {
    if (error instanceof pg.DatabaseError && (error.code === '42P01' || error.code === '3F000')) return false;
    throw error;
  }
}
