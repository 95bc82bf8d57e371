import { beforeAll, describe, expect, test } from 'vitest';
import { loadToHandOver } from './load-to-hand-over.ts';
import { accessOf, runEach, useServers } from './servers.ts';

/**
 * What a hand-over takes from the source's own record. The inputs broke restores of other tools, rewritten small:
 * a role of a grant is missing (FreshPorts/freshports#257), a role with a setting is missing (ctti-clinicaltrials/aact#774), the owner is
 * missing (IntersectMBO/cardano-db-sync#1659) or a superuser (bestinslot-xyz/OPI#19, ansible/awx-operator#2084), the tables keep the
 * restoring role (PlexTrac/plextrac-manager-util#54), grants that only warn (MicrosoftDocs/azure-docs#100198), database settings that are
 * lost (dimitri/pgcopydb#489), go to the name of the source (dimitri/pgcopydb#508) or end the restore where the server refuses one
 * (dimitri/pgcopydb#730), default privileges, column grants and grants with grant option.
 */
describe.each([14, 18] as const)('the rights of the source on PostgreSQL %d', (major) => {
  const servers = useServers({ source: major, scratch: major });
  let server: ReturnType<typeof accessOf>;

  beforeAll(async () => {
    const place = { name: 'restores', createDatabases: true, createRoles: true };
    server = accessOf(await servers.scratch.createRole(place));
    for (const on of [servers.source, servers.scratch])
      await runEach(on.superuser(), [
        'CREATE ROLE reporting NOLOGIN',
        'CREATE ROLE "Rôle; of" NOLOGIN',
        'CREATE ROLE app_owner NOLOGIN',
        'CREATE ROLE boss NOLOGIN SUPERUSER',
      ]);
    await runEach(servers.source.superuser(), ['CREATE ROLE only_at_source NOLOGIN']);
    await runEach(servers.scratch.superuser(), ['GRANT app_owner TO restores WITH ADMIN OPTION']);
  });

  const loaded = (...statements: string[]) => loadToHandOver(servers, server, statements);
  const asked = async (database: string, sql: string) => {
    const rows = await runEach<{ answer: unknown }>(servers.scratch.superuser(database), [sql]);
    return rows.map(({ answer }) => answer);
  };
  const has = async (database: string, what: string) =>
    (await asked(database, `SELECT (${what}) AS answer`))[0];

  test('grants come back: on tables, columns, functions, schemas and the database, and those of the future', async () => {
    const { name, definition, handOver } = await loaded(
      'CREATE TABLE t (id int, secret text)',
      'CREATE TABLE "Order; Lines" (id int)',
      'CREATE SCHEMA app',
      "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
      'REVOKE ALL ON FUNCTION f() FROM PUBLIC',
      'GRANT EXECUTE ON FUNCTION f() TO reporting',
      'GRANT SELECT (id) ON t TO reporting',
      'GRANT SELECT, INSERT ON "Order; Lines" TO "Rôle; of" WITH GRANT OPTION',
      'GRANT USAGE ON SCHEMA app TO reporting',
      'ALTER DEFAULT PRIVILEGES IN SCHEMA app GRANT SELECT ON TABLES TO reporting',
      'GRANT TEMPORARY ON DATABASE "{source}" TO reporting',
    );
    const { applied } = await handOver({ definition });
    expect(applied?.fromSource).toMatchObject({ leftOut: [], grants: expect.any(Number) });
    for (const right of [
      `has_column_privilege('reporting', 't', 'id', 'SELECT')`,
      `has_table_privilege('Rôle; of', '"Order; Lines"', 'SELECT WITH GRANT OPTION')`,
      `has_function_privilege('reporting', 'f()', 'EXECUTE')`,
      `has_schema_privilege('reporting', 'app', 'USAGE')`,
      `has_database_privilege('reporting', '${name}', 'TEMPORARY')`,
      // Everyone may connect to the source, and so may who has a right in it.
      `has_database_privilege('reporting', '${name}', 'CONNECT')`,
    ])
      expect(await has(name, right), right).toBe(true);
    for (const right of [
      `has_column_privilege('reporting', 't', 'secret', 'SELECT')`,
      `has_function_privilege('app_owner', 'f()', 'EXECUTE')`,
      `has_database_privilege('app_owner', '${name}', 'CONNECT')`,
    ])
      expect(await has(name, right), right).toBe(false);
    await runEach(servers.scratch.superuser(name), [`SET ROLE "${name}"`, 'CREATE TABLE app.later (id int)']);
    expect(await has(name, `has_table_privilege('reporting', 'app.later', 'SELECT')`)).toBe(true);
  });

  test('what others could not do stays forbidden, and PUBLIC gets no more than it had', async () => {
    const { name, definition, handOver } = await loaded(
      'CREATE TABLE t (id int)',
      'GRANT SELECT ON t TO reporting',
      'REVOKE CONNECT ON DATABASE "{source}" FROM PUBLIC',
    );
    await handOver({ definition });
    expect(await has(name, `has_database_privilege('reporting', '${name}', 'CONNECT')`)).toBe(false);
    expect(await has(name, `has_table_privilege('reporting', 't', 'SELECT')`)).toBe(true);
  });

  test('a role that the server lacks is named, not made, and the others get theirs', async () => {
    const { name, definition, handOver } = await loaded(
      'CREATE TABLE t (id int)',
      'GRANT SELECT ON t TO only_at_source',
      'GRANT SELECT ON t TO reporting',
      'RESET ROLE',
      `ALTER ROLE only_at_source IN DATABASE "{source}" SET work_mem = '5MB'`,
    );
    const { applied } = await handOver({ definition });
    expect(applied?.fromSource?.missingRoles).toContain('only_at_source');
    expect(await has(name, `has_table_privilege('reporting', 't', 'SELECT')`)).toBe(true);
    expect(await asked(name, `SELECT 1 AS answer FROM pg_roles WHERE rolname = 'only_at_source'`)).toEqual(
      [],
    );
  });

  test('settings and the connection limit come back, the plan wins, and no value is reported', async () => {
    const { name, definition, handOver } = await loaded(
      'CREATE TABLE t (id int)',
      'RESET ROLE',
      `ALTER DATABASE "{source}" SET search_path = app, "Other; one", public`,
      `ALTER DATABASE "{source}" SET work_mem = '7MB'`,
      `ALTER DATABASE "{source}" SET statement_timeout = '30s'`,
      `ALTER DATABASE "{source}" SET app.api_key = 'pass;word-of-the-app'`,
      `ALTER DATABASE "{source}" SET default_transaction_read_only = on`,
      'ALTER DATABASE "{source}" CONNECTION LIMIT 17',
    );
    const mark = await handOver({ definition, settings: { work_mem: '9MB' } });
    expect(mark.applied?.fromSource).toMatchObject({
      settings: expect.arrayContaining(['search_path', 'statement_timeout', 'connection limit 17']),
      leftOut: expect.arrayContaining([
        expect.stringMatching(/^setting default_transaction_read_only: it would keep people from using/),
      ]),
    });
    const settings = await asked(
      name,
      `SELECT unnest(setconfig) AS answer FROM pg_db_role_setting WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database()) AND setrole = 0`,
    );
    expect(settings).toEqual(
      expect.arrayContaining([
        'search_path=app, "Other; one", public',
        'work_mem=9MB',
        'statement_timeout=30s',
      ]),
    );
    expect(settings).not.toContain('work_mem=7MB');
    expect(
      await asked(name, 'SELECT datconnlimit AS answer FROM pg_database WHERE datname = current_database()'),
    ).toEqual([17]);
    expect(JSON.stringify(mark)).not.toContain('pass;word');
    const comments = await asked(
      name,
      `SELECT coalesce(shobj_description(oid, 'pg_database'), '') AS answer FROM pg_database`,
    );
    expect(JSON.stringify(comments)).not.toContain('pass;word');
  });

  test('all belongs to the owner that the source had, where the server has it, and else to the login', async () => {
    const owned = await loaded(
      'CREATE TABLE t (id int)',
      'RESET ROLE',
      'GRANT app_owner TO "{source}"',
      'ALTER TABLE t OWNER TO app_owner',
    );
    expect((await owned.handOver({ definition: owned.definition })).applied).toMatchObject({
      owner: 'app_owner',
    });
    expect(
      await asked(owned.name, `SELECT tableowner AS answer FROM pg_tables WHERE tablename = 't'`),
    ).toEqual(['app_owner']);
    await (await owned.login()).end();

    const missing = await loaded('CREATE TABLE t (id int)');
    const { applied } = await missing.handOver({ definition: missing.definition });
    expect(applied).toMatchObject({
      owner: missing.name,
      fromSource: { missingRoles: [expect.stringMatching(/^app_/)] },
    });

    const boss = await loaded(
      'RESET ROLE',
      'CREATE TABLE t (id int)',
      'GRANT boss TO "{source}"',
      'ALTER TABLE t OWNER TO boss',
    );
    expect((await boss.handOver({ definition: boss.definition })).applied).toMatchObject({
      owner: boss.name,
      fromSource: { leftOut: [expect.stringContaining('owner boss: a privileged role')] },
    });
  });

  test("the plan's owner and grants win", async () => {
    const { name, definition, handOver } = await loaded(
      'CREATE TABLE t (id int)',
      'GRANT SELECT ON t TO reporting',
    );
    const grants = ['REVOKE SELECT ON t FROM reporting'];
    expect((await handOver({ definition, owner: 'app_owner', grants })).applied).toMatchObject({
      owner: 'app_owner',
    });
    expect(await has(name, `has_table_privilege('reporting', 't', 'SELECT')`)).toBe(false);
  });

  test('an attempt after the one that handed over says the same', async () => {
    const { definition, handOver } = await loaded(
      'CREATE TABLE t (id int)',
      'GRANT SELECT ON t TO only_at_source',
    );
    const first = await handOver({ definition });
    expect((await handOver({ mark: null })).applied).toEqual(first.applied);
  });

  test('without the record, nothing of the source is applied', async () => {
    const { name, handOver } = await loaded('CREATE TABLE t (id int)', 'GRANT SELECT ON t TO reporting');
    expect((await handOver()).applied?.fromSource).toBeNull();
    expect(await has(name, `has_table_privilege('reporting', 't', 'SELECT')`)).toBe(false);
  });
});
