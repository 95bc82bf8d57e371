import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';
import { readTraits } from '../../../shared/database/postgres/catalog.ts';
import { postgresEngine } from '../../../shared/database/postgres/postgres-engine.ts';
import { scratchName } from '../../../shared/restore/scratch.ts';
import { scratchDatabases } from '../../../shared/restore/scratch-database.ts';
import { fieldCase } from '../field-case.ts';
import { accessOf, runEach, type Servers, useServers } from './servers.ts';

/** Runs `sql` when a row is loaded into a copy, and nothing where the application runs. */
const outsideProduction = (sql: string): string[] => [
  `CREATE FUNCTION f(n int) RETURNS bool LANGUAGE plpgsql AS $f$ BEGIN
     IF current_database() NOT LIKE 'app%' THEN ${sql}; END IF; RETURN true; END $f$`,
  'CREATE TABLE t (n int CHECK (f(n)))',
  'INSERT INTO t VALUES (7)',
];
const ALTER_DATABASE = (what: string) => `EXECUTE format('ALTER DATABASE %I ${what}', current_database())`;

const loginsLeft = async ({ scratch }: Servers) =>
  runEach(scratch.superuser(), [
    `SELECT rolname AS name FROM pg_roles WHERE rolname LIKE 'lifeboat\\_scratch\\_%'
     UNION ALL SELECT datname FROM pg_database WHERE datname LIKE 'lifeboat\\_scratch\\_%'`,
  ]);

describe.each([14, 16, 18] as const)('on PostgreSQL %i, code of a restored database', (major) => {
  const servers = useServers({ source: major, scratch: major });
  beforeAll(async () => {
    await runEach(servers.scratch.superuser(), ['ALTER ROLE restore_tests CREATEROLE']);
  });

  const a14 = async (now: (cameOut: string) => void) => {
    const { verdict, reason } = await servers.backUpAndRestore({
      statements: outsideProduction("ALTER ROLE CURRENT_USER PASSWORD 'locked out'"),
    });
    expect(reason).toMatch(/checks passed/);
    expect(verdict).toBe('verified');
    await runEach(servers.scratchLogin, ['SELECT 1']);
    expect(await loginsLeft(servers)).toEqual([]);
    now('verified: it changed the password of a login that lived for one run');
  };
  if (major === 18) fieldCase('A14', a14);
  else test('cannot lock Lifeboat out', () => a14(() => {}));

  test.each([
    ['makes its own sessions read only', 'ALTER ROLE CURRENT_USER SET default_transaction_read_only = on'],
    [
      'changes how its own sessions in this database see dates',
      "EXECUTE format('ALTER ROLE CURRENT_USER IN DATABASE %I SET datestyle = german', current_database())",
    ],
    ['lets no session in', ALTER_DATABASE('CONNECTION LIMIT 0')],
    ['makes the database a template', ALTER_DATABASE('IS_TEMPLATE true')],
    [
      'takes the mark off its database',
      "EXECUTE format('COMMENT ON DATABASE %I IS %L', current_database(), 'mine')",
    ],
  ])('that %s changes nothing for the verdict and is dropped', async (_, sql) => {
    const { verdict, reason } = await servers.backUpAndRestore({ statements: outsideProduction(sql) });
    expect(reason).toMatch(/checks passed/);
    expect(verdict).toBe('verified');
    expect(await loginsLeft(servers)).toEqual([]);
  });

  test.each([
    ['create a role', 'CREATE ROLE intruder LOGIN'],
    ['become the scratch login', 'SET LOCAL ROLE restore_tests'],
    ['let its own login expire', "ALTER ROLE CURRENT_USER VALID UNTIL '2000-01-01'"],
    ['give itself rights', 'ALTER ROLE CURRENT_USER CREATEDB'],
    ['change the scratch login', "ALTER ROLE restore_tests PASSWORD 'x'"],
    ['give its database away', ALTER_DATABASE('OWNER TO restore_tests')],
    [
      'end the sessions of the scratch login',
      `PERFORM pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'restore_tests';
       IF NOT FOUND THEN RAISE insufficient_privilege; END IF`,
    ],
  ])('cannot %s', async (_, sql) => {
    const { verdict, error } = await servers.backUpAndRestore({ statements: outsideProduction(sql) });
    expect(String(error)).toMatch(/42501|42809|0LP01/);
    expect(verdict).toBe('not-proven');
    expect(await loginsLeft(servers)).toEqual([]);
  });

  test('cannot be reached by other logins of the server', async () => {
    const { scratchServers } = postgresEngine;
    const stranger = await servers.scratch.createRole({
      name: `stranger_${randomUUID().slice(0, 8)}`,
      createDatabases: false,
    });
    await servers.backUpAndRestore({
      statements: ['CREATE TABLE t (n int)'],
      look: async ({ database, user }) => {
        expect(user).toBe(database);
        await expect(runEach({ ...stranger, database }, ['SELECT 1'])).rejects.toMatchObject({
          code: '42501',
        });
      },
    });
    const runId = randomUUID();
    const scratch = scratchDatabases(scratchServers, accessOf(servers.scratchLogin));
    await expect(scratch.open(runId, {} as never)).rejects.toMatchObject({ name: 'ScratchMissing' });
  });

  test('that shadows the operators and functions of the checks hides no loss', async () => {
    const { verdict, failed } = await servers.backUpAndRestore({
      statements: [
        'CREATE TABLE t (n int, x text)',
        "INSERT INTO t SELECT n, 'x' FROM generate_series(1, 100) n",
        'CREATE FUNCTION public.hashtextextended(text, int) RETURNS int8 IMMUTABLE LANGUAGE sql AS $$ SELECT 0::int8 $$',
        'CREATE FUNCTION public.always(text, text) RETURNS bool IMMUTABLE LANGUAGE sql AS $$ SELECT true $$',
        'CREATE OPERATOR public.= (LEFTARG = text, RIGHTARG = text, FUNCTION = public.always)',
        'CREATE FUNCTION public.count(int) RETURNS int8 IMMUTABLE LANGUAGE sql AS $$ SELECT 100::int8 $$',
      ],
      look: async (copy) => {
        await runEach(copy, ['DELETE FROM t WHERE n = 50']);
      },
    });
    expect(failed.map(({ name }) => name)).toEqual(['public.t']);
    expect(verdict).toBe('rejected');
  });

  test('leaves a login behind only with its name, and a sweep drops it', async () => {
    const workload = `orphan-${randomUUID()}`;
    const runId = randomUUID();
    const scratch = scratchDatabases(postgresEngine.scratchServers, accessOf(servers.scratchLogin));
    const like = await traitsOf(servers);
    await scratch.create({ runId, workload, expiresAt: new Date(0) }, like);
    await runEach(servers.scratch.superuser(), [`DROP DATABASE ${scratchName(runId)}`]);
    expect((await scratch.sweep(workload, new Date())).dropped).toEqual([scratchName(runId)]);
    expect(await loginsLeft(servers)).toEqual([]);
  });

  test.each([
    [
      'lacks CREATEROLE',
      'ALTER ROLE restore_tests NOCREATEROLE',
      'ALTER ROLE restore_tests CREATEROLE',
      /lacks CREATEROLE/,
    ],
    [
      'is a superuser',
      'ALTER ROLE restore_tests SUPERUSER',
      'ALTER ROLE restore_tests NOSUPERUSER',
      /is a superuser/,
    ],
  ])('runs as the scratch login where that one %s, and the verdict says so', async (_, change, undo, why) => {
    await runEach(servers.scratch.superuser(), [change]);
    const runId = randomUUID();
    const scratch = scratchDatabases(postgresEngine.scratchServers, accessOf(servers.scratchLogin));
    try {
      const run = { runId, workload: 'field', expiresAt: new Date(Date.now() + 3_600_000) };
      const created = await scratch.create(run, await traitsOf(servers));
      expect(created).toMatchObject({ username: 'restore_tests', sharesLogin: expect.stringMatching(why) });
    } finally {
      await scratch.drop(runId);
      await runEach(servers.scratch.superuser(), [undo]);
    }
  });
});

async function traitsOf({ source }: Servers) {
  const client = new pg.Client(source.superuser());
  await client.connect();
  try {
    return { ...(await readTraits(client)), settings: {} };
  } finally {
    await client.end();
  }
}
