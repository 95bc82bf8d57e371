import pg from 'pg';
import type { Cluster } from '../../../engine/engine.ts';
import { connect, on } from './open-engine.ts';

/** Accounts that transfer among each other: whatever moment is looked at, the sum of all is the same. */
export interface Load {
  /** Numbers of the transfers that the server has acknowledged. */
  readonly acknowledged: readonly number[];
  /** Resolves when so many more transfers are acknowledged. */
  more(count: number): Promise<void>;
  stop(): Promise<void>;
}

const ACCOUNTS = 5_000;
export const TOTAL = ACCOUNTS * 100;

export async function makeAccounts(cluster: Cluster): Promise<void> {
  await on(cluster, async (client) => {
    await client.query('CREATE TABLE accounts (id int PRIMARY KEY, balance int NOT NULL, note text)');
    await client.query(
      `INSERT INTO accounts SELECT i, 100, repeat(md5(i::text), 10) FROM generate_series(1, ${ACCOUNTS}) i`,
    );
    await client.query('CREATE TABLE transfers (number bigint PRIMARY KEY, at timestamptz NOT NULL)');
    await client.query('CREATE INDEX ON accounts (note, balance)');
  });
}

/** Writes with several clients until it is stopped or the server goes away. */
export async function startLoad(cluster: Cluster, clients = 3): Promise<Load> {
  const acknowledged: number[] = [];
  const waiting = new Set<() => void>();
  let stopped = false;
  let next = 0;
  const work = async () => {
    const client = await connect(cluster);
    try {
      while (!stopped) {
        next += 1;
        const number = next;
        // Always the lower one first, or two of them could wait for each other.
        const [from, to] = [
          1 + (number % (ACCOUNTS / 2)),
          ACCOUNTS / 2 + 1 + ((number * 7) % (ACCOUNTS / 2)),
        ];
        await client.query('BEGIN');
        await client.query('UPDATE accounts SET balance = balance - 1 WHERE id = $1', [from]);
        await client.query('UPDATE accounts SET balance = balance + 1 WHERE id = $1', [to]);
        await client.query('INSERT INTO transfers VALUES ($1, clock_timestamp())', [number]);
        await client.query('COMMIT');
        acknowledged.push(number);
        for (const look of waiting) look();
      }
    } catch (error) {
      // A server that goes away says 57P01, or nothing at all.
      if (error instanceof pg.DatabaseError && error.code !== '57P01') throw error;
    } finally {
      await client.end().catch(() => {});
    }
  };
  const ends = Promise.allSettled(Array.from({ length: clients }, work));
  return {
    acknowledged,
    more(count) {
      const wanted = acknowledged.length + count;
      return new Promise((resolve) => {
        const look = () => {
          if (acknowledged.length < wanted) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
      });
    },
    async stop() {
      stopped = true;
      for (const end of await ends) if (end.status === 'rejected') throw end.reason;
    },
  };
}

/** Whether every page, row and index entry is what it should be, as far as PostgreSQL can tell. */
export async function findCorruption(cluster: Cluster): Promise<unknown[]> {
  return cluster.asAdmin(async (client) => {
    await client.query('CREATE EXTENSION IF NOT EXISTS amcheck');
    await client.query(
      `SELECT bt_index_parent_check(i.indexrelid, true, true) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
       JOIN pg_am a ON a.oid = c.relam WHERE a.amname = 'btree' AND c.relpersistence = 'p' AND i.indisvalid`,
    );
    const { rows } = await client.query(
      `SELECT c.relname, v.msg FROM pg_class c, verify_heapam(c.oid) v WHERE c.relkind IN ('r', 'm', 't') AND c.relpersistence = 'p'`,
    );
    return rows;
  }, 'app');
}
