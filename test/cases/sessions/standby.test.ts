import type { Connection } from 'local-postgres/access';
import { postgresBinaries } from 'local-postgres/binaries';
import type { PostgresServer } from 'local-postgres/start-postgres';
import { startStandby } from 'local-postgres/start-standby';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { startRun } from '../../../local/runs.ts';
import { postgresEngine } from '../../../shared/database/postgres/postgres-engine.ts';
import { accessOf, runEach, useServers } from '../databases/servers.ts';
import { fieldCase } from '../field-case.ts';

const servers = useServers();
let standby: PostgresServer;
let stop = async () => {};

beforeAll(async () => {
  const run = await startRun();
  stop = () => run.stop();
  const binaries = await postgresBinaries(run.folder);
  standby = await startStandby(run, { name: 'standby', binaries, primary: servers.source });
}, 120_000);
afterAll(() => stop());

const onStandby = (database: Connection): Connection => ({ ...database, port: standby.port });

/** Waits until the standby shows all that its primary has committed by now. */
async function replayed(): Promise<void> {
  const [here] = await runEach<{ at: string }>(servers.source.superuser(), [
    'SELECT pg_current_wal_lsn() AS at',
  ]);
  await vi.waitUntil(
    async () => {
      const [there] = await runEach<{ done: boolean }>(standby.superuser(), [
        `SELECT pg_last_wal_replay_lsn() >= '${here?.at}' AS done`,
      ]);
      return there?.done;
    },
    { timeout: 30_000, interval: 20 },
  );
}

/** A backup of the standby of a database whose statements and heartbeat come from the primary. */
async function backUpStandby(statements: readonly string[], rows: 'binary' | 'text' = 'binary') {
  const database = await servers.newDatabase();
  await runEach(database, statements);
  await replayed();
  return servers.backUpAndRestore({
    source: onStandby(database),
    rows,
    beat: async () => {
      await postgresEngine.heartbeats.beat(accessOf(database), 'field', new Date());
      await replayed();
    },
  });
}

const STATEMENTS = [
  'CREATE TABLE orders (id serial PRIMARY KEY, what text)',
  "INSERT INTO orders (what) SELECT 'order ' || n FROM generate_series(1, 1000) n",
  'CREATE UNLOGGED TABLE cache (id serial PRIMARY KEY, page text)',
  "INSERT INTO cache (page) VALUES ('a'), ('b')",
  'CREATE UNLOGGED SEQUENCE tickets START 40 INCREMENT 2',
  "SELECT nextval('tickets'), nextval('tickets')",
  'CREATE UNLOGGED TABLE no_columns ()',
  'INSERT INTO no_columns DEFAULT VALUES',
  'CREATE TABLE halves (id int) PARTITION BY RANGE (id)',
  'CREATE TABLE lower PARTITION OF halves FOR VALUES FROM (0) TO (10)',
  'CREATE UNLOGGED TABLE upper PARTITION OF halves FOR VALUES FROM (10) TO (20)',
  'INSERT INTO halves VALUES (1), (11)',
];

fieldCase('A8', async (now) => {
  const outcome = await backUpStandby(STATEMENTS);
  now(`${outcome.verdict}; ${outcome.leftOut.join('; ')}`);
  expect(outcome.verdict, outcome.reason).toBe('verified');
  expect(outcome.leftOut).toEqual([
    'rows of unlogged tables, which a standby does not have (public.cache, public.no_columns, public.upper)',
    'positions of unlogged sequences, which a standby does not have (public.cache_id_seq, public.tickets)',
  ]);
  const rows = Object.fromEntries(outcome.manifest.tables.map(({ name, rows }) => [name, rows]));
  expect(rows).toEqual({
    orders: '1000',
    cache: '0',
    no_columns: '0',
    lower: '1',
    upper: '0',
    heartbeat: '1',
  });
});

test('a primary carries unlogged tables and sequences', async () => {
  const { verdict, reason, leftOut, manifest } = await servers.backUpAndRestore({ statements: STATEMENTS });
  expect(verdict, reason).toBe('verified');
  expect(leftOut).toEqual([]);
  expect(manifest.tables.find(({ name }) => name === 'cache')?.rows).toBe('2');
  expect(manifest.sequences.find(({ name }) => name === 'tickets')).toMatchObject({ lastValue: '42' });
});

test('rows copied as text leave unlogged tables out too', async () => {
  const { verdict, reason } = await backUpStandby(STATEMENTS, 'text');
  expect(verdict, reason).toBe('verified');
});

test('a heartbeat cannot be written on a standby, and the error says where', async () => {
  const database = await servers.newDatabase();
  await replayed();
  const beat = () => postgresEngine.heartbeats.beat(accessOf(onStandby(database)), 'field', new Date());
  const refused = {
    name: 'HeartbeatRefused',
    message: expect.stringMatching(/is a standby, which only reads/),
    hint: expect.stringMatching(/primary/),
  };
  await expect(beat()).rejects.toMatchObject(refused);
  await postgresEngine.heartbeats.beat(accessOf(database), 'field', new Date());
  await replayed();
  await expect(beat()).rejects.toMatchObject(refused);
});

describe('a query that stands in the way of replay is ended, which is worth a retry', () => {
  /** Standby settings under which replay waits for no query. */
  const impatient = (on: boolean) =>
    runEach(standby.superuser(), [
      on
        ? "ALTER SYSTEM SET max_standby_streaming_delay = '100ms'"
        : 'ALTER SYSTEM RESET max_standby_streaming_delay',
      'SELECT pg_reload_conf()',
    ]);
  const open = (database: Connection) =>
    postgresEngine.snapshots.open(accessOf(onStandby(database)), {
      clock: { now: () => new Date() },
      signal: new AbortController().signal,
    });
  const conflict = {
    name: 'StandbyConflict',
    retryable: true,
    message: expect.stringContaining(`standby of database`),
    hint: expect.stringContaining('hot_standby_feedback'),
  };

  test('while rows are read and their old versions are vacuumed', async () => {
    const database = await servers.newDatabase();
    await runEach(database, ['CREATE TABLE t (n int)', 'INSERT INTO t SELECT generate_series(1, 300000)']);
    await replayed();
    await impatient(true);
    const snapshot = await open(database);
    try {
      const reader = await snapshot.openReader();
      const [range] = snapshot.ranges;
      if (!range) throw new Error('nothing to read');
      await reader.fingerprint(range);
      await runEach(database, ['DELETE FROM t', 'VACUUM (TRUNCATE off) t']);
      const reading = async () => {
        for (;;) {
          await reader.fingerprint(range);
        }
      };
      await expect(reading()).rejects.toMatchObject(conflict);
    } finally {
      snapshot.abandon();
      await impatient(false);
    }
  });

  test('while nothing is read and a table is dropped', async () => {
    const database = await servers.newDatabase();
    await runEach(database, ['CREATE TABLE t (n int)', 'INSERT INTO t VALUES (1)']);
    await replayed();
    await impatient(true);
    const snapshot = await open(database);
    try {
      const reader = await snapshot.openReader();
      const [range] = snapshot.ranges;
      if (!range) throw new Error('nothing to read');
      await runEach(database, ['DROP TABLE t']);
      await replayed();
      // The connection that held the table was idle when the server ended it: what it said reached no query.
      await expect(reader.fingerprint(range)).rejects.toMatchObject(conflict);
      await expect(snapshot.newestHeartbeat('field')).rejects.toMatchObject(conflict);
    } finally {
      snapshot.abandon();
      await impatient(false);
    }
  });
});
