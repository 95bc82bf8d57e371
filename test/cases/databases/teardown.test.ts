import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';
import { scratchServersWithin } from '../../../shared/database/postgres/scratch-server.ts';
import { type ScratchRun, scratchName } from '../../../shared/restore/scratch.ts';
import { scratchDatabases } from '../../../shared/restore/scratch-database.ts';
import { fieldCase } from '../field-case.ts';
import { accessOf, runEach, useServers } from './servers.ts';

const servers = useServers();

const like = {
  serverVersion: 180004,
  serverVersionText: '18.4',
  encoding: 'UTF8',
  localeProvider: 'libc',
  collate: 'C',
  ctype: 'C',
  locale: null,
  icuRules: null,
  extensions: [],
  settings: {},
} as const;

/** As the functions have it, but with less patience for what holds a database. */
const scratch = () =>
  scratchDatabases(
    scratchServersWithin({ statementMs: 300_000, inUseMs: 1_000 }),
    accessOf(servers.scratchLogin),
  );
const asSuperuser = <Row extends pg.QueryResultRow>(...statements: string[]) =>
  runEach<Row>(servers.scratch.superuser(), statements);
const exists = async (name: string) =>
  (await asSuperuser(`SELECT FROM pg_database WHERE datname = '${name}'`)).length === 1;

async function newScratch(difference: Partial<ScratchRun> = {}): Promise<{ runId: string; name: string }> {
  const runId = randomUUID();
  const run = { runId, workload: 'field', expiresAt: new Date(Date.now() + 3_600_000), ...difference };
  await scratch().claim(run, like);
  return { runId, name: scratchName(runId) };
}

/** A session that stays in a database until `work` is done. */
async function withSession<T>(
  where: ConstructorParameters<typeof pg.Client>[0],
  work: (session: pg.Client) => Promise<T>,
): Promise<T> {
  const session = new pg.Client(where);
  session.on('error', () => {});
  await session.connect();
  try {
    return await work(session);
  } finally {
    await session.end().catch(() => {});
  }
}

beforeAll(async () => {
  await asSuperuser(
    'ALTER SYSTEM SET max_prepared_transactions = 5',
    "ALTER SYSTEM SET wal_level = 'logical'",
    'ALTER SYSTEM SET autovacuum_naptime = 1',
  );
  await servers.scratch.stop();
  await servers.scratch.start();
});

fieldCase('A12', async (now) => {
  const { runId, name } = await newScratch();
  await asSuperuser(
    'ALTER SYSTEM SET autovacuum_vacuum_cost_delay = 100',
    'ALTER SYSTEM SET autovacuum_vacuum_cost_limit = 1',
    'SELECT pg_reload_conf()',
  );
  const copy = { ...servers.scratchLogin, database: name };
  await runEach(copy, [
    'CREATE TABLE t AS SELECT n, n::text AS x FROM generate_series(1, 200000) n',
    'UPDATE t SET n = n + 1',
  ]);
  const atWork = `SELECT FROM pg_stat_activity WHERE datname = '${name}' AND backend_type = 'autovacuum worker'`;
  while ((await asSuperuser(atWork)).length === 0);
  await expect(runEach(servers.scratchLogin, [`DROP DATABASE ${name} WITH (FORCE)`])).rejects.toMatchObject({
    code: '42501',
  });
  expect(await scratch().drop(runId)).toEqual({ dropped: true });
  expect(await exists(name)).toBe(false);
  now('dropped');
});

describe('a scratch database is dropped', () => {
  test('together with the sessions of its own role, and lets none in again', async () => {
    const { runId, name } = await newScratch();
    await withSession({ ...servers.scratchLogin, database: name }, async (session) => {
      expect(await scratch().drop(runId)).toEqual({ dropped: true });
      await expect(session.query('SELECT 1')).rejects.toThrow();
    });
  });

  // https://github.com/lerd-env/lerd/issues/1140: a pool that reconnects faster than the next statement.
  test('past a client that connects again as often as it can', async () => {
    const { runId, name } = await newScratch();
    let stopped = false;
    const pool = (async () => {
      while (!stopped)
        await runEach({ ...servers.scratchLogin, database: name }, ['SELECT 1']).catch(() => {});
    })();
    expect(await scratch().drop(runId)).toEqual({ dropped: true });
    stopped = true;
    await pool;
    expect(await exists(name)).toBe(false);
  });

  test.each([
    ['a template', 'IS_TEMPLATE true'],
    ['closed for everybody', 'ALLOW_CONNECTIONS false'],
    ['limited to no connection', 'CONNECTION LIMIT 0'],
  ])('while it is %s', async (_, option) => {
    const { runId, name } = await newScratch();
    await asSuperuser(`ALTER DATABASE ${name} WITH ${option}`);
    expect(await scratch().drop(runId)).toEqual({ dropped: true });
    expect(await exists(name)).toBe(false);
  });

  test('after an earlier drop was broken off and left it invalid', async () => {
    const { runId, name } = await newScratch();
    await asSuperuser(`UPDATE pg_database SET datconnlimit = -2 WHERE datname = '${name}'`);
    expect(await scratch().drop(runId)).toEqual({ dropped: true });
    expect(await exists(name)).toBe(false);
  });

  test('with an idle replication slot in it', async () => {
    const { runId, name } = await newScratch();
    const slot = `slot_${name.slice(-8)}`;
    await runEach(servers.scratch.superuser(name), [
      `SELECT pg_create_logical_replication_slot('${slot}', 'pgoutput')`,
    ]);
    expect(await scratch().drop(runId)).toEqual({ dropped: true });
  });

  test('with the large objects, publications and settings of its own', async () => {
    const { runId, name } = await newScratch();
    await runEach({ ...servers.scratchLogin, database: name }, [
      'SELECT lo_create(0)',
      'CREATE TABLE t ()',
      'CREATE PUBLICATION p FOR TABLE t',
      `ALTER DATABASE ${name} SET default_transaction_read_only = on`,
    ]);
    expect(await scratch().drop(runId)).toEqual({ dropped: true });
  });
});

describe('a scratch database that is not dropped is named, with what holds it', () => {
  const dropped = async (runId: string) => scratch().drop(runId);

  test('a session of another role', async () => {
    const { runId, name } = await newScratch();
    await withSession({ ...servers.scratch.superuser(name), application_name: 'psql' }, () =>
      expect(dropped(runId)).rejects.toMatchObject({
        name: 'ScratchNotDropped',
        message: expect.stringMatching(
          new RegExp(
            `"${name}" is still on the scratch server.*a session of the role local_admin \\(psql, pid`,
          ),
        ),
      }),
    );
    expect(await dropped(runId)).toEqual({ dropped: true });
  });

  test('a prepared transaction', async () => {
    const { runId, name } = await newScratch();
    const copy = servers.scratch.superuser(name);
    await runEach(copy, ['BEGIN', 'CREATE TABLE t ()', "PREPARE TRANSACTION 'two phases'"]);
    await expect(dropped(runId)).rejects.toMatchObject({
      name: 'ScratchNotDropped',
      message: expect.stringContaining("the prepared transaction 'two phases' of the role local_admin"),
    });
    // The database is closed by now, and only its owner or a superuser opens it.
    await asSuperuser(`ALTER DATABASE ${name} ALLOW_CONNECTIONS true`);
    await runEach(copy, ["ROLLBACK PREPARED 'two phases'"]);
    expect(await dropped(runId)).toEqual({ dropped: true });
  });

  test('the ownership of another role, at once', async () => {
    const { runId, name } = await newScratch();
    await asSuperuser(`ALTER DATABASE ${name} OWNER TO local_admin`);
    await expect(dropped(runId)).rejects.toMatchObject({
      name: 'ScratchNotDropped',
      message: expect.stringContaining('it belongs to the role "local_admin"'),
    });
    await asSuperuser(`DROP DATABASE ${name}`);
  });
});

test('a sweep goes on past a database in use, and names it', async () => {
  const workload = `sweep-${randomUUID()}`;
  const expired = { workload, expiresAt: new Date(0) };
  const made = [await newScratch(expired), await newScratch(expired), await newScratch(expired)];
  const names = made.map(({ name }) => name).sort();
  const held = names[0] ?? '';
  const swept = await withSession(servers.scratch.superuser(held), () =>
    scratch().sweep(workload, new Date()),
  );
  expect(swept.dropped).toEqual(names.slice(1));
  expect(swept.failed).toEqual([{ name: held, reason: expect.stringContaining('role local_admin') }]);
  expect((await scratch().sweep(workload, new Date())).dropped).toEqual([held]);
});
