import type pg from 'pg';
import type { DatabaseAccess } from '../database/access.ts';
import { connect } from '../database/connect.ts';

/** One moment of a database, held open, that any number of connections can look at. */
export interface Snapshot {
  readonly name: string;
  /** The connection whose transaction exported the snapshot; reads the same moment. */
  readonly client: pg.Client;
  /** Opens another connection that sees the same moment. The snapshot ends it at release. */
  join(purpose: string): Promise<pg.Client>;
  /** Ends every connection, each once it is idle; the moment is gone. */
  release(): Promise<void>;
  /** Drops every connection at once, in the middle of whatever it does. */
  abandon(): void;
}

/**
 * Opens a read-only transaction and exports its snapshot, so that rows, schema and fingerprints show one moment.
 * https://www.postgresql.org/docs/current/functions-admin.html#FUNCTIONS-SNAPSHOT-SYNCHRONIZATION
 */
export async function exportSnapshot(access: DatabaseAccess): Promise<Snapshot> {
  const client = await connect(access, 'snapshot');
  const joined: pg.Client[] = [];
  const release = async (): Promise<void> => {
    await Promise.allSettled([client, ...joined].map((each) => each.end()));
  };
  const abandon = (): void => {
    for (const each of [client, ...joined]) each.connection.stream.destroy();
  };
  try {
    await client.query('BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const { rows } = await client.query<{ name: string }>('SELECT pg_catalog.pg_export_snapshot() AS name');
    const name = rows[0]?.name;
    if (!name) throw new Error('the server exported no snapshot');
    return {
      name,
      client,
      release,
      abandon,
      async join(purpose) {
        const other = await connect(access, purpose);
        joined.push(other);
        await other.query('BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY');
        await other.query(`SET TRANSACTION SNAPSHOT '${name}'`);
        return other;
      },
    };
  } catch (error) {
    abandon();
    throw error;
  }
}
