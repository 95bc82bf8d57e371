import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { LifeboatError } from '../../../errors/lifeboat-error.ts';

/** A pooler before the server lends one session of the server to several clients, transaction by transaction. */
export class PoolerSharesSessions extends LifeboatError {
  override readonly name = 'PoolerSharesSessions';
  override readonly kind = 'unsupported';
  override readonly hint =
    'Give Lifeboat the address of PostgreSQL itself, or a port at which the pooler gives each client a session of its own (pgbouncer: pool_mode = session).';
}

/** Two connections take turns this often, and the first one asks this often in its turn. */
const ROUNDS = 3;
const TIMES_ASKED = 3;
const LONGEST_WAIT_MS = 10_000;

/**
 * Refuses a pooler that shares sessions, before anything is set in one: a setting or a snapshot of ours would reach the
 * application's queries, and would be missing from our own.
 *
 * The server tells its process number at login. A pooler that answers the login itself makes one up, so only where the two
 * differ is there anything to find out. Then a second connection runs transactions beside the first one. A pooler that shares
 * sessions gives it the first one's, or gives the first one another. Nothing is set meanwhile.
 * https://www.pgbouncer.org/features.html
 *
 * @param makeOther makes a client of the same address that is not yet connected
 * @throws PoolerSharesSessions
 */
export async function refuseTransactionPooler(client: pg.Client, makeOther: () => pg.Client): Promise<void> {
  const first = await backendOf(client);
  if (first === (client as pg.Client & { processID?: number }).processID) return;
  const other = makeOther();
  try {
    await other.connect();
    for (let round = 0; round < ROUNDS; round += 1) {
      const second = await inTime(inTransaction(other));
      if (second === 'refused') throw shared('it refuses transactions');
      if (second === first) throw shared(`two connections have the server process ${first}`);
      // A pooler gives out the session that came back last, or the one that has been idle for longest.
      for (let asked = 0; asked < TIMES_ASKED; asked += 1) {
        const now = await backendOf(client);
        if (now !== first) throw shared(`one connection has the server process ${first}, then ${now}`);
      }
    }
  } finally {
    other.connection.stream.destroy();
  }
}

async function backendOf(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ pid: number }>('SELECT pg_catalog.pg_backend_pid() AS pid');
  return Number(rows[0]?.pid);
}

/** The connection's server process in a transaction. A pooler that lends for one statement refuses to begin one. */
async function inTransaction(other: pg.Client): Promise<number | 'refused'> {
  try {
    await other.query('BEGIN READ ONLY');
  } catch {
    return 'refused';
  }
  const backend = await backendOf(other);
  await other.query('COMMIT');
  return backend;
}

/** A pooler in session mode waits for a free session of the server, for as long as it takes. */
async function inTime<T>(work: Promise<T>): Promise<T> {
  const cancel = new AbortController();
  const late = sleep(LONGEST_WAIT_MS, undefined, { signal: cancel.signal }).then(() => {
    throw new Error('the pooler before it had no session left for a second connection');
  });
  late.catch(() => {});
  work.catch(() => {});
  try {
    return await Promise.race([work, late]);
  } finally {
    cancel.abort();
  }
}

function shared(proof: string): PoolerSharesSessions {
  return new PoolerSharesSessions(
    `a pooler before the database shares sessions between its clients: ${proof}. The settings of a backup would reach the application, and its snapshot would be lost`,
  );
}
