import { expect, test } from 'vitest';
import { connect } from '../../../shared/database/postgres/connect.ts';
import { LOADING, PINNED } from '../../../shared/database/postgres/session/settings.ts';
import { accessOf, runEach, useServers } from '../databases/servers.ts';
import { fieldCase } from '../field-case.ts';
import { REVIEWED } from './reviewed-settings.ts';

const servers = useServers();

/** Sets settings for a role, runs the work, and takes them off again. */
async function withRoleSettings(
  server: 'source' | 'scratch',
  role: string,
  settings: readonly string[],
  work: () => Promise<void>,
): Promise<void> {
  const admin = servers[server].superuser();
  await runEach(
    admin,
    settings.map((setting) => `ALTER ROLE "${role}" SET ${setting}`),
  );
  try {
    await work();
  } finally {
    await runEach(admin, [`ALTER ROLE "${role}" RESET ALL`]);
  }
}

fieldCase('A3', async (now) => {
  const role = servers.scratchLogin.user;
  await withRoleSettings('scratch', role, ['xmloption = document'], async () => {
    const { verdict, reason } = await servers.backUpAndRestore({
      statements: ['a', 'b', 'c'].flatMap((name) => [
        `CREATE TABLE ${name} (x xml)`,
        `INSERT INTO ${name} VALUES ('text <b>only</b>')`,
      ]),
    });
    expect(verdict, reason).toBe('verified');
  });
  await withRoleSettings('scratch', role, ['array_nulls = off'], async () => {
    const { verdict, reason } = await servers.backUpAndRestore({
      statements: [
        'CREATE TABLE t (a text[], c regclass)',
        "INSERT INTO t VALUES ('{a,NULL}', 'pg_class'), ('{\"NULL\"}', NULL)",
      ],
    });
    expect(verdict, reason).toBe('verified');
  });
  now('verified, both: every connection has settings of its own, asked back');
});

/** Defaults that change what is read, written, seen or created. Each is set for the role and for the database. */
const HOSTILE = [
  "DateStyle = 'SQL, DMY'",
  'IntervalStyle = sql_standard',
  "TimeZone = 'Asia/Kolkata'",
  'extra_float_digits = -15',
  'bytea_output = escape',
  'xmlbinary = hex',
  'xmloption = document',
  'array_nulls = off',
  'standard_conforming_strings = off',
  'backslash_quote = on',
  'transform_null_equals = on',
  'quote_all_identifiers = on',
  "timezone_abbreviations = 'India'",
  'row_security = on',
  'gin_fuzzy_search_limit = 1',
  'constraint_exclusion = on',
  'default_transaction_read_only = on',
  'default_transaction_isolation = serializable',
  'default_transaction_deferrable = on',
  'check_function_bodies = on',
  "statement_timeout = '500ms'",
  "lock_timeout = '100ms'",
  "idle_in_transaction_session_timeout = '500ms'",
  "idle_session_timeout = '500ms'",
  "transaction_timeout = '700ms'",
  'client_encoding = LATIN1',
  'exit_on_error = on',
  'client_min_messages = debug5',
  'enable_tidscan = off',
];

test('defaults of roles and databases on both servers change nothing', async () => {
  const database = await servers.newDatabase();
  await runEach(database, [
    'CREATE TABLE t (id int PRIMARY KEY, d date, at timestamptz, span interval, f float8, b bytea, x xml, a text[], m money)',
    String.raw`INSERT INTO t SELECT n, '2003-02-01', '2025-06-01 12:00Z', '-1 day +02:00', 0.1 + 0.2, '\x00ff5c', 'é <b/>', '{a,NULL}', 1234.5
      FROM generate_series(1, 1000) n`,
    'CREATE TABLE kinds (c regclass, a text[], d date, span interval)',
    "INSERT INTO kinds VALUES ('pg_class', '{\"NULL\",NULL}', '2003-02-01', '-1 day +02:00')",
    String.raw`CREATE FUNCTION f(text) RETURNS text IMMUTABLE LANGUAGE sql AS 'SELECT $1 || ''\\'' '`,
    String.raw`CREATE INDEX ON t (f(id::text)) WHERE 'a\b' <> x::text`,
  ]);
  await runEach(
    servers.source.superuser(),
    HOSTILE.map((setting) => `ALTER DATABASE "${database.database}" SET ${setting}`),
  );
  await withRoleSettings('source', database.user, ["search_path = 'nowhere'"], () =>
    withRoleSettings('scratch', servers.scratchLogin.user, HOSTILE, async () => {
      const { verdict, reason } = await servers.backUpAndRestore({ source: database });
      expect(verdict, reason).toBe('verified');
    }),
  );
});

test('a session has every setting that its purpose names, though the role has others', async () => {
  const database = await servers.newDatabase();
  await withRoleSettings('source', database.user, HOSTILE, async () => {
    for (const settings of [PINNED, LOADING]) {
      const client = await connect(accessOf(database), 'test', settings);
      const { rows } = await client.query<{ name: string; setting: string }>(
        'SELECT name, setting FROM pg_catalog.pg_settings WHERE name = ANY($1)',
        [Object.keys(settings)],
      );
      await client.end();
      expect(Object.fromEntries(rows.map(({ name, setting }) => [name, setting]))).toEqual(settings);
    }
  });
});

test('a role that acts as another one stays that other one', async () => {
  const database = await servers.newDatabase();
  await runEach(database, ['CREATE TABLE t (id int)', 'INSERT INTO t VALUES (1)']);
  const login = await servers.source.createRole({ name: `login_${database.user}`, createDatabases: false });
  await runEach(servers.source.superuser(), [
    `GRANT "${database.user}" TO "${login.user}"`,
    `ALTER ROLE "${login.user}" NOINHERIT`,
    `ALTER ROLE "${login.user}" SET role = "${database.user}"`,
  ]);
  const source = { ...database, user: login.user, password: login.password };
  const { verdict, reason } = await servers.backUpAndRestore({ source });
  expect(verdict, reason).toBe('verified');
});

test('a setting that would read damaged pages as empty ones is refused by name', async () => {
  const database = await servers.newDatabase();
  await withRoleSettings('source', database.user, ['zero_damaged_pages = on'], async () => {
    await expect(connect(accessOf(database), 'test')).rejects.toMatchObject({
      name: 'SessionSettingRefused',
      message: expect.stringContaining('zero_damaged_pages'),
      hint: expect.stringContaining('RESET'),
    });
  });
});

test('a login trigger that changes settings changes nothing', async () => {
  const database = await servers.newDatabase();
  await runEach({ ...servers.source.superuser(), database: database.database }, [
    `CREATE FUNCTION pg_catalog.odd_login() RETURNS event_trigger LANGUAGE plpgsql AS
      $$BEGIN PERFORM set_config('DateStyle', 'German', false), set_config('search_path', 'nowhere', false); END$$`,
    'CREATE EVENT TRIGGER odd_login ON login EXECUTE FUNCTION pg_catalog.odd_login()',
  ]);
  const client = await connect(accessOf(database), 'test');
  const { rows } = await client.query("SELECT '2003-02-01'::date::text AS d");
  await client.end();
  expect(rows).toEqual([{ d: '2003-02-01' }]);
});

test('every setting that a role can change is pinned, or was looked at and cannot change a dump, a load or a comparison', async () => {
  const settings = await runEach<{ name: string; category: string }>(servers.source.superuser(), [
    "SELECT name, category FROM pg_settings WHERE context IN ('user', 'superuser') ORDER BY name",
  ]);
  const open = settings.filter(
    ({ name, category }) =>
      !(name in LOADING) && !REVIEWED.names.has(name) && !REVIEWED.categories.has(category),
  );
  expect(open).toEqual([]);
});
