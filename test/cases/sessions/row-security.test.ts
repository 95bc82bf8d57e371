import { describe, expect, test } from 'vitest';
import { runEach, useServers } from '../databases/servers.ts';
import { fieldCase } from '../field-case.ts';

const servers = useServers();

const FORCED = [
  'CREATE TABLE tenants (id int PRIMARY KEY, owner text)',
  "INSERT INTO tenants SELECT n, 'tenant ' || n FROM generate_series(1, 100) n",
  'ALTER TABLE tenants ENABLE ROW LEVEL SECURITY',
  'ALTER TABLE tenants FORCE ROW LEVEL SECURITY',
  'CREATE POLICY mine ON tenants USING (owner = current_user)',
];

/** A database whose role sees every row, whatever policies say. */
async function newDatabase(statements: readonly string[], bypass = true) {
  const source = await servers.newDatabase();
  if (bypass) await runEach(servers.source.superuser(), [`ALTER ROLE "${source.user}" BYPASSRLS`]);
  await runEach(source, statements);
  return source;
}

fieldCase('A2', async (now) => {
  const { verdict, reason, failed } = await servers.backUpAndRestore({ source: await newDatabase(FORCED) });
  now(`${verdict}: ${reason}`);
  expect({ verdict, failed }, reason).toEqual({ verdict: 'verified', failed: [] });
});

describe('row-level security that is forced', () => {
  test('hides nothing, whatever function a policy calls', async () => {
    const source = await newDatabase([
      'CREATE TABLE members (name text)',
      `CREATE FUNCTION may_see(text) RETURNS boolean STABLE LANGUAGE plpgsql AS
        $$BEGIN RAISE EXCEPTION 'only in production'; END$$`,
      ...FORCED,
      'DROP POLICY mine ON tenants',
      'CREATE POLICY mine ON tenants USING (may_see(owner))',
    ]);
    const { verdict, reason } = await servers.backUpAndRestore({ source });
    expect(verdict, reason).toBe('verified');
  });

  test('hides nothing in partitions, through their root or with policies of their own', async () => {
    const forced = (table: string) => [
      `ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY`,
      `ALTER TABLE ${table} FORCE ROW LEVEL SECURITY`,
      `CREATE POLICY none ON ${table} USING (false)`,
    ];
    const source = await newDatabase([
      "CREATE TYPE kind AS ENUM ('a', 'b', 'c')",
      'CREATE TABLE hashed (k kind) PARTITION BY HASH (k)',
      'CREATE TABLE hashed_0 PARTITION OF hashed FOR VALUES WITH (MODULUS 2, REMAINDER 0)',
      'CREATE TABLE hashed_1 PARTITION OF hashed FOR VALUES WITH (MODULUS 2, REMAINDER 1)',
      "INSERT INTO hashed VALUES ('a'), ('b'), ('c')",
      'CREATE TABLE ranged (id int) PARTITION BY RANGE (id)',
      'CREATE TABLE ranged_0 PARTITION OF ranged FOR VALUES FROM (0) TO (10)',
      'INSERT INTO ranged VALUES (1)',
      ...['hashed', 'hashed_0', 'ranged', 'ranged_0'].flatMap(forced),
    ]);
    const checks = [
      { name: 'through the root', sql: 'SELECT count(*) FROM hashed', expect: { equals: 3 } },
      { name: 'of ranges', sql: 'SELECT count(*) FROM ranged', expect: { equals: 1 } },
    ];
    const { verdict, reason } = await servers.backUpAndRestore({ source, checks });
    expect(verdict, reason).toBe('verified');
  });

  test("hides nothing from the plan's checks, even from a function that turns policies on", async () => {
    const source = await newDatabase([
      ...FORCED,
      `CREATE FUNCTION counted() RETURNS bigint LANGUAGE sql SET row_security = on AS 'SELECT count(*) FROM public.tenants'`,
      'CREATE VIEW seen AS SELECT * FROM tenants',
    ]);
    const checks = ['SELECT count(*) FROM tenants', 'SELECT counted()', 'SELECT count(*) FROM seen'].map(
      (sql) => ({ name: sql, sql, expect: { equals: 100 } }),
    );
    const { verdict, reason } = await servers.backUpAndRestore({ source, checks });
    expect(verdict, reason).toBe('verified');
  });

  test('hides nothing from a materialized view or an index that reads the table', async () => {
    const source = await newDatabase([
      ...FORCED,
      'CREATE MATERIALIZED VIEW owners AS SELECT owner FROM tenants',
      `CREATE FUNCTION owner_of(int) RETURNS text IMMUTABLE LANGUAGE sql AS 'SELECT owner FROM public.tenants WHERE id = $1'`,
      'CREATE TABLE notes (tenant int REFERENCES tenants, note text)',
      "INSERT INTO notes VALUES (1, 'a')",
      'CREATE INDEX ON notes (owner_of(tenant))',
    ]);
    const checks = [{ name: 'view', sql: 'SELECT count(*) FROM owners', expect: { equals: 100 } }];
    const { verdict, reason } = await servers.backUpAndRestore({ source, checks });
    expect(verdict, reason).toBe('verified');
  });

  test('is still forced in the copy when it was compared', async () => {
    const source = await newDatabase(FORCED);
    const outcome = await servers.backUpAndRestore({
      source,
      look: async (copy) => {
        await runEach(copy, ['ALTER TABLE tenants NO FORCE ROW LEVEL SECURITY']);
      },
    });
    expect(outcome.verdict).toBe('rejected');
  });

  test('leaves a copy whose table belongs to another role not proven, naming table and BYPASSRLS', async () => {
    const source = await newDatabase(FORCED);
    const outcome = await servers.backUpAndRestore({
      source,
      look: async (copy) => {
        const admin = servers.scratch.superuser(copy.database);
        await runEach(admin, [
          'ALTER TABLE tenants OWNER TO local_admin',
          `GRANT ALL ON tenants TO "${copy.user}"`,
        ]);
      },
    });
    expect(outcome.verdict).toBe('not-proven');
    expect(String(outcome.error)).toMatch(/"tenants"/);
    expect(JSON.stringify([String(outcome.error), (outcome.error as { hint?: string }).hint])).toMatch(
      /BYPASSRLS/,
    );
  });
});

describe('a source role that policies act on is refused before the backup', () => {
  test('an owner under FORCE', async () => {
    const source = await newDatabase(FORCED, false);
    const error: unknown = await servers.backUpAndRestore({ source }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      name: 'RowsHidden',
      message: expect.stringContaining('public.tenants'),
      hint: expect.stringContaining(`ALTER ROLE "${source.user}" BYPASSRLS`),
    });
    await runEach(servers.source.superuser(), [`ALTER ROLE "${source.user}" BYPASSRLS`]);
    const { verdict, reason } = await servers.backUpAndRestore({ source });
    expect(verdict, reason).toBe('verified');
  });

  test('a reader of a partition with a policy that would show every row', async () => {
    const owner = await newDatabase(
      [
        'CREATE TABLE ranged (id int) PARTITION BY RANGE (id)',
        'CREATE TABLE "Low" PARTITION OF ranged FOR VALUES FROM (0) TO (10)',
        'INSERT INTO ranged VALUES (1)',
        'ALTER TABLE "Low" ENABLE ROW LEVEL SECURITY',
        'CREATE POLICY everything ON "Low" USING (true)',
      ],
      false,
    );
    const login = await servers.source.createRole({ name: `reader_${owner.user}`, createDatabases: false });
    await runEach(servers.source.superuser(), [
      `GRANT pg_read_all_data, pg_write_all_data TO "${login.user}"`,
      `GRANT CREATE ON DATABASE "${owner.database}" TO "${login.user}"`,
    ]);
    const source = { ...login, database: owner.database };
    const error: unknown = await servers.backUpAndRestore({ source }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      name: 'RowsHidden',
      message: `row-level security acts on the role "${login.user}" in public."Low": a backup would miss rows`,
    });
    await runEach(servers.source.superuser(), [`ALTER ROLE "${login.user}" BYPASSRLS`]);
    const { verdict, reason } = await servers.backUpAndRestore({ source });
    expect(verdict, reason).toBe('verified');
  });

  test('an owner without FORCE is not refused', async () => {
    const source = await newDatabase(FORCED.toSpliced(3, 1), false);
    const { verdict, reason } = await servers.backUpAndRestore({ source });
    expect(verdict, reason).toBe('verified');
  });
});
