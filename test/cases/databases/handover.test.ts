import type pg from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';
import { connect } from '../../../shared/database/postgres/connect.ts';
import type { RestoredAs } from '../../../shared/handover/restored-database.ts';
import { scratchName } from '../../../shared/restore/scratch.ts';
import { loadToHandOver } from './load-to-hand-over.ts';
import { accessOf, runEach, useServers } from './servers.ts';

/** Stands for the superuser of the server, whatever its name. */
const SUPERUSER = 'the superuser';

/**
 * What a restore hands over, on the oldest and the newest server. The inputs broke restores of other tools: owners that are left
 * behind, functions and sequences that keep the restoring role (pg_restore wrappers), names that need quotes, settings that are lists
 * (pg_dump before 2018), sessions that hold the name, a template that is renamed, extensions, large objects, default privileges.
 */
describe.each([14, 18] as const)('handing over on PostgreSQL %d', (major) => {
  const servers = useServers({ source: major, scratch: major });
  let server: ReturnType<typeof accessOf>;

  beforeAll(async () => {
    const place = { name: 'restores', createDatabases: true, createRoles: true };
    server = accessOf(await servers.scratch.createRole(place));
  });

  const loaded = (statements: readonly string[]) => loadToHandOver(servers, server, statements);

  const everything = [
    'CREATE SCHEMA app',
    'CREATE TABLE app.orders (id bigserial PRIMARY KEY, at timestamptz DEFAULT now(), body jsonb)',
    'INSERT INTO app.orders (body) SELECT to_jsonb(n) FROM generate_series(1, 100) n',
    'CREATE TABLE public."Order Lines" (id int GENERATED ALWAYS AS IDENTITY, "Größe" text)',
    'CREATE VIEW app.recent AS SELECT * FROM app.orders',
    'CREATE MATERIALIZED VIEW app.counted AS SELECT count(*) FROM app.orders',
    `CREATE FUNCTION public.twice(n int) RETURNS int LANGUAGE sql AS 'SELECT 2 * n'`,
    `CREATE PROCEDURE app.nothing() LANGUAGE sql AS 'SELECT 1'`,
    `CREATE TYPE app.state AS ENUM ('new', 'sent')`,
    'CREATE DOMAIN public.positive AS int CHECK (VALUE > 0)',
    'CREATE SEQUENCE public.alone',
    'CREATE TEXT SEARCH DICTIONARY public.simple_dict (TEMPLATE = pg_catalog.simple)',
    `SELECT lo_from_bytea(0, 'a large object')`,
    'CREATE TABLE app.parts (id int, day date) PARTITION BY RANGE (day)',
    `CREATE TABLE app.parts_1 PARTITION OF app.parts FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')`,
    'ALTER TABLE app.orders ENABLE ROW LEVEL SECURITY',
    'CREATE STATISTICS app.orders_stats ON id, at FROM app.orders',
  ];

  /** Objects of the application that belong to another role. */
  const ownedByOthers = async (client: pg.Client, owner: string) => {
    const { rows } = await client.query(
      `SELECT classid::regclass::text AS class, objid, pg_get_userbyid(refobjid) AS owner FROM pg_shdepend
       WHERE deptype = 'o' AND dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
         AND refclassid = 'pg_authid'::regclass AND pg_get_userbyid(refobjid) <> $1`,
      [owner],
    );
    return rows;
  };

  test.each([
    ['that is missing', `app_${major}`],
    ['whose name needs quotes', `Owner "of" ${major}`],
  ])('everything belongs to an owner %s, and the login may use all of it', async (_, owner) => {
    const copy = await loaded(everything);
    await copy.handOver({
      owner,
      grants: [`GRANT USAGE ON SCHEMA app TO PUBLIC`, 'GRANT TEMPORARY ON DATABASE {database} TO PUBLIC'],
    });
    const client = await copy.login();
    expect(await ownedByOthers(client, owner)).toEqual([]);
    const { rows } = await client.query(
      `SELECT pg_get_userbyid(datdba) AS owner, (SELECT rolcanlogin FROM pg_roles WHERE rolname = $1) AS can FROM pg_database WHERE datname = current_database()`,
      [owner],
    );
    expect(rows).toEqual([{ owner, can: false }]);
    await client.query('INSERT INTO app.orders (body) VALUES (NULL)');
    await client.query('ALTER TABLE public."Order Lines" ADD COLUMN more int');
    await client.query('CREATE TABLE public.new_one ()');
    await client.query('REFRESH MATERIALIZED VIEW app.counted');
    await client.end();
  });

  test('an owner who exists already, as placeholder of an earlier load, is no longer one', async () => {
    const copy = await loaded(['CREATE TABLE t (id int)']);
    await runEach(servers.scratch.superuser(), [
      `CREATE ROLE placeholder_${major} NOLOGIN`,
      `COMMENT ON ROLE placeholder_${major} IS 'lifeboat placeholder: named by the schema of a restored database, without login or rights'`,
      `GRANT placeholder_${major} TO restores WITH ADMIN OPTION`,
    ]);
    await copy.handOver({ owner: `placeholder_${major}` });
    const rows = await runEach<{ comment: string | null }>(servers.scratch.superuser(), [
      `SELECT shobj_description('placeholder_${major}'::regrole, 'pg_authid') AS comment`,
    ]);
    expect(rows).toEqual([{ comment: null }]);
  });

  test('settings are those of the database, lists, numbers and names with a dot too', async () => {
    const copy = await loaded(['CREATE SCHEMA app', 'CREATE TABLE app.t (id int)', 'CREATE SCHEMA "Other"']);
    await copy.handOver({
      settings: {
        search_path: 'app, "Other", public',
        statement_timeout: '30s',
        work_mem: 8192,
        jit: false,
      },
    });
    const client = await copy.login();
    await client.query('SELECT FROM t');
    const { rows } = await client.query(
      `SELECT current_schemas(false)::text[] AS schemas, current_setting('work_mem') AS mem, current_setting('jit') AS jit`,
    );
    expect(rows).toEqual([{ schemas: ['app', 'Other', 'public'], mem: '8MB', jit: 'off' }]);
    await client.end();
  });

  test('sessions that look at the copy do not hold its name', async () => {
    const copy = await loaded(['CREATE TABLE t (id int)']);
    const session = await connect(copy.into, 'somebody');
    session.on('error', () => {});
    await copy.handOver();
    await expect(session.query('SELECT 1')).rejects.toThrow();
    await (await copy.login()).end();
  });

  test.each([
    ['a wrong grant', { grants: ['GRANT SELECT ON t TO nobody_at_all'] }, /grants\[0\].*nobody_at_all/],
    ['an unknown setting', { settings: { no_such_setting: 1 } }, /no_such_setting/],
    // PostgreSQL lets only a superuser keep a setting that no loaded module knows.
    ["a setting of the application's own", { settings: { 'app.tenant': "it's" } }, /app\.tenant/],
    ['a value that the setting cannot have', { settings: { work_mem: 'much' } }, /work_mem/],
    ['an owner whose rights the login lacks', { owner: SUPERUSER }, /may not act for the owner/],
  ] as [string, Partial<RestoredAs>, RegExp][])(
    '%s leaves the copy as it was, and a corrected attempt hands it over',
    async (_, wrong, says) => {
      const copy = await loaded(['CREATE TABLE t (id int)', 'INSERT INTO t VALUES (1)']);
      const { user = '' } = servers.scratch.superuser();
      const tried = wrong.owner === SUPERUSER ? { owner: user } : wrong;
      await expect(copy.handOver(tried)).rejects.toMatchObject({
        name: 'HandOverRefused',
        message: expect.stringMatching(says),
      });
      const names = await runEach<{ name: string }>(servers.scratch.superuser(), [
        `SELECT datname AS name FROM pg_database WHERE datname IN ('${copy.name}', '${scratchName(copy.runId)}')`,
      ]);
      expect(names).toEqual([{ name: scratchName(copy.runId) }]);
      await copy.handOver();
      await (await copy.login()).end();
    },
  );

  test('a name that somebody takes in the last moment is never replaced', async () => {
    const copy = await loaded(['CREATE TABLE t (id int)']);
    for (const sql of [`CREATE ROLE "${copy.name}" NOLOGIN`, `CREATE DATABASE "${copy.name}"`]) {
      await runEach(servers.scratch.superuser(), [sql]);
      await expect(copy.handOver()).rejects.toMatchObject({ name: 'NameTaken' });
      await runEach(servers.scratch.superuser(), [sql.replace('CREATE', 'DROP').replace(' NOLOGIN', '')]);
    }
    await copy.handOver();
    expect(await copy.scratch.drop(copy.runId)).toEqual({ dropped: false });
    expect(await copy.scratch.sweep('field', new Date('2099-01-01'))).toMatchObject({ failed: [] });
    await (await copy.login()).end();
  });

  test('a second attempt keeps the password that was handed out', async () => {
    const copy = await loaded(['CREATE TABLE t (id int)']);
    await copy.handOver();
    await copy.handOver({ mark: null });
    await (await copy.login()).end();
  });
});
