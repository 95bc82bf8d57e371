import pg from 'pg';
import { FenceRefused, type LeaseFence, type LeaseFences } from '../../lease-fence.ts';
import type { TableName } from '../../table.ts';
import { withConnections } from '../connections.ts';
import { tablesToFence } from './fenced-tables.ts';
import { fencedNow, LEASE_IS_BOUND, readFence } from './read-fence.ts';
import {
  EMPTY_COMMITS,
  ENDED,
  fenceTable,
  LIFTED,
  MAKE_CHECKS,
  MAKE_LEASE,
  REMOVE_LEASE,
  startLease,
  unfenceTable,
} from './statements.ts';
import { tryToWrite } from './try-to-write.ts';

/** Installing waits no longer for the locks on the tables: writers queue behind it. */
const LOCK_TIMEOUT = '5s';

/** A renewal that waits longer than that is too late for anything. */
const RENEWAL_TIMEOUT = '8s';

export const leaseFences: LeaseFences = {
  use: (access, signal, work) =>
    withConnections(access, { purpose: 'lease', count: 1, signal }, ([client]) => work(fenceOn(client))),
};

function fenceOn(client: pg.Client): LeaseFence {
  const setEnd = (end: string) =>
    client.query('SELECT pg_catalog.setval($1, $2::bigint)', ['lifeboat.lease_end', end]);

  return {
    async now() {
      const { rows } = await client.query<{ now: Date }>('SELECT pg_catalog.clock_timestamp() AS now');
      return (rows[0] as { now: Date }).now;
    },
    read: (tables) => readFence(client, tables),
    statements: (tables, until) => statementsFor(client, tables, until),

    async install(tables, until) {
      const statements = await statementsFor(client, tables, until);
      await inTransaction(client, async () => {
        for (const statement of statements) await client.query(statement);
      });
    },

    async remove() {
      const fenced = await fencedNow(client);
      await inTransaction(client, async () => {
        await client.query(`SET LOCAL lock_timeout = '${LOCK_TIMEOUT}'`);
        for (const { triggers, ...table } of fenced)
          for (const statement of unfenceTable(table, triggers)) await client.query(statement);
        for (const statement of REMOVE_LEASE) await client.query(statement);
      });
    },

    async renew(until) {
      await client.query('BEGIN');
      try {
        await client.query(`SET LOCAL statement_timeout = '${RENEWAL_TIMEOUT}'`);
        // Two renewals at once would each see the older end, and the earlier one could be written last.
        await client.query(
          "SELECT pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtext('lifeboat.lease_end'))",
        );
        const { rows } = await client.query<{ end: string; isPast: boolean; isBound: boolean }>(
          `SELECT l.last_value::text AS end, ${LEASE_IS_BOUND} AS "isBound" FROM lifeboat.lease_end l`,
        );
        const [lease] = rows;
        if (!lease?.isBound || lease.end === ENDED || lease.end === LIFTED) {
          await client.query('ROLLBACK');
          return false;
        }
        if (isLater(until, lease.end)) await setEnd(String(until.getTime()));
        await client.query(EMPTY_COMMITS);
        await client.query('COMMIT');
        return true;
      } catch (error) {
        await client.query('ROLLBACK').catch(() => {});
        if (error instanceof pg.DatabaseError && NOT_THERE.has(error.code ?? '')) return false;
        throw error;
      }
    },

    async end() {
      await setEnd(ENDED);
    },
    async lift() {
      await setEnd(LIFTED);
    },
    async restart(until) {
      await setEnd(String(until.getTime()));
    },
    tryToWrite: (tables) => tryToWrite(client, tables),
  };
}

/** An end so much later than a new one was written before the server's clock was set back. It must not stay. */
const TOO_FAR_AHEAD_MS = 900_000;

function isLater(until: Date, end: string): boolean {
  const earlier = Number(end);
  return until.getTime() > earlier || earlier > until.getTime() + TOO_FAR_AHEAD_MS;
}

/** Schema, table. https://www.postgresql.org/docs/current/errcodes-appendix.html */
const NOT_THERE = new Set(['3F000', '42P01']);
const INSUFFICIENT_PRIVILEGE = '42501';
const LOCK_NOT_AVAILABLE = '55P03';
const READ_ONLY = '25006';

async function statementsFor(
  client: pg.Client,
  tables: readonly TableName[],
  until: Date,
): Promise<string[]> {
  await refusePreparedTransactions(client);
  const wanted = await tablesToFence(client, tables);
  const fenced = await fencedNow(client);
  const isWanted = ({ schema, name }: TableName) =>
    wanted.some((table) => table.schema === schema && table.name === name);
  return [
    `SET LOCAL lock_timeout = '${LOCK_TIMEOUT}'`,
    ...MAKE_LEASE,
    startLease(until),
    ...MAKE_CHECKS,
    ...fenced
      .filter((table) => !isWanted(table))
      .flatMap(({ triggers, ...table }) => unfenceTable(table, triggers)),
    ...wanted.flatMap((table) => fenceTable(table, table)),
  ];
}

/**
 * A prepared transaction was checked when it was prepared, and is committed at any time later, by any session: the fence does
 * not hold it. https://www.postgresql.org/docs/current/sql-prepare-transaction.html
 */
async function refusePreparedTransactions(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ most: number }>(
    "SELECT pg_catalog.current_setting('max_prepared_transactions')::int AS most",
  );
  if (rows[0]?.most === 0) return;
  throw new FenceRefused(
    `the server allows prepared transactions (max_prepared_transactions = ${rows[0]?.most}), which can be committed after the lease is over`,
    { hint: 'Set max_prepared_transactions to 0, which is PostgreSQL’s default, and restart the server.' },
  );
}

/** Runs changes of a definition in one transaction. @throws FenceRefused where the server does not allow them */
async function inTransaction(client: pg.Client, work: () => Promise<void>): Promise<void> {
  await client.query('BEGIN');
  try {
    await work();
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {});
    throw refusalOf(error);
  }
}

function refusalOf(cause: unknown): unknown {
  if (!(cause instanceof pg.DatabaseError)) return cause;
  const hint = {
    [INSUFFICIENT_PRIVILEGE]:
      'Run it as the owner of the tables, or let the login of the plan be a member of that role: GRANT owner TO login. "lifeboat fence install --print-sql" prints the statements.',
    [LOCK_NOT_AVAILABLE]: `A session kept a table locked for ${LOCK_TIMEOUT}. Run it again when nothing long runs on the tables.`,
    [READ_ONLY]: 'The server is a standby, or it is read-only: the fence is made on the primary.',
  }[cause.code ?? ''];
  if (hint === undefined && !cause.code?.startsWith('42') && !cause.code?.startsWith('0A')) return cause;
  return new FenceRefused(`the database refused the fence: ${cause.message}`, {
    cause,
    ...(hint !== undefined && { hint }),
  });
}
