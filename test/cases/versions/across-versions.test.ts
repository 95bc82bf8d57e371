import type { Connection } from 'local-postgres/access';
import { describe, expect, test } from 'vitest';
import { runEach, useServers } from '../databases/servers.ts';

const table = ['CREATE TABLE t (a text PRIMARY KEY)', "INSERT INTO t VALUES ('b'), ('A'), ('ä')"];

describe('PostgreSQL 14, whose public belongs to the superuser that made the cluster', () => {
  const servers = useServers({ source: 14, scratch: 14, whole: true });
  const asSuperuser = async (database: string, ...statements: string[]) => {
    await runEach(servers.source.superuser(database), statements);
  };

  test.each<[string, { owner?: string[]; superuser?: string[] }]>([
    [
      'a public that not everybody may create in',
      {
        superuser: [
          'REVOKE CREATE ON SCHEMA public FROM PUBLIC',
          'GRANT CREATE ON SCHEMA public TO CURRENT_USER',
        ],
      },
    ],
    [
      'a comment on plpgsql, which only its owner may change',
      { superuser: ["COMMENT ON EXTENSION plpgsql IS 'ours'"] },
    ],
    ['a comment on public', { superuser: ["COMMENT ON SCHEMA public IS 'ours'"] }],
    [
      'an extension of an older version than the server would install',
      { owner: ["CREATE EXTENSION hstore VERSION '1.4'", "CREATE TABLE h AS SELECT 'a=>1'::hstore AS h"] },
    ],
    [
      'settings of the database that decide how text is read',
      {
        superuser: [
          'ALTER DATABASE CURRENT_DATABASE_NAME SET standard_conforming_strings = off',
          "ALTER DATABASE CURRENT_DATABASE_NAME SET default_toast_compression = 'pglz'",
        ],
      },
    ],
    [
      'a default in the old way of naming sequences',
      {
        owner: [
          'CREATE SEQUENCE s',
          "CREATE TABLE d (id int DEFAULT nextval(('s'::text)::regclass))",
          'INSERT INTO d DEFAULT VALUES',
        ],
      },
    ],
    [
      'statistics and storage of columns',
      {
        owner: [
          'CREATE TABLE x (a text, b int)',
          'ALTER TABLE x ALTER a SET STATISTICS 0, ALTER a SET STORAGE MAIN, ALTER b SET STATISTICS 1000',
        ],
      },
    ],
  ])('%s: verified', async (_, { owner = [], superuser = [] }) => {
    const source = await servers.newDatabase();
    await runEach(source, [...table, ...owner]);
    await asSuperuser(
      source.database,
      ...superuser.map((sql) => sql.replace('CURRENT_DATABASE_NAME', `"${source.database}"`)),
    );
    const { verdict, failed, reason } = await servers.backUpAndRestore({ source });
    expect({ verdict, failed }, reason).toEqual({ verdict: 'verified', failed: [] });
  });

  test('a materialized view that names a table without its schema is filled by the search path of the source', async () => {
    const statements = [
      "CREATE TABLE docs AS SELECT to_tsvector('simple', 'a b') AS words",
      "CREATE MATERIALIZED VIEW words AS SELECT word FROM ts_stat('SELECT words FROM docs')",
    ];
    const look = async (copy: Connection) => {
      expect(await runEach(copy, ['SELECT word FROM public.words ORDER BY 1'])).toEqual([
        { word: 'a' },
        { word: 'b' },
      ]);
    };
    const { verdict, failed } = await servers.backUpAndRestore({ statements, look });
    expect({ verdict, failed }).toEqual({ verdict: 'verified', failed: [] });
  });

  test('an extension that only a superuser may create is told, with what to do', async () => {
    const source = await servers.newDatabase();
    await runEach(source, table);
    await asSuperuser(source.database, 'CREATE EXTENSION pg_stat_statements');
    const { verdict, reason } = await servers.backUpAndRestore({ source });
    expect(verdict).toBe('not-proven');
    expect(reason).toMatch(/pg_stat_statements/);
  });
});

describe.each([16, 18] as const)('PostgreSQL %i with ICU', (major) => {
  const servers = useServers({ source: major, scratch: major });

  test.each([
    ['a locale of ICU', "ICU_LOCALE 'de-DE'"],
    ['rules beside the locale', "ICU_LOCALE 'und' ICU_RULES '&b < a'"],
  ])('%s: verified in a database like it', async (_, options) => {
    const { database: name, ...owner } = await servers.newDatabase();
    await runEach(servers.source.superuser(), [
      `DROP DATABASE ${name}`,
      `CREATE DATABASE ${name} OWNER ${name} TEMPLATE template0 LOCALE_PROVIDER icu ${options}`,
    ]);
    const source = { ...owner, database: name };
    await runEach(source, [
      ...table,
      "CREATE COLLATION german (PROVIDER = icu, LOCALE = 'de-u-co-phonebk', DETERMINISTIC = false)",
      'CREATE TABLE names (name text COLLATE german UNIQUE)',
      "INSERT INTO names VALUES ('Müller'), ('Zoe')",
    ]);
    const orders: unknown[] = [];
    const { verdict, failed, reason } = await servers.backUpAndRestore({
      source,
      async look(copy) {
        for (const where of [source, copy]) orders.push(await runEach(where, ['SELECT a FROM t ORDER BY a']));
      },
    });
    expect({ verdict, failed }, reason).toEqual({ verdict: 'verified', failed: [] });
    expect(orders[1]).toEqual(orders[0]);
  });

  test('a database whose collation version is no longer the one of the library: verified', async () => {
    const source = await servers.newDatabase();
    await runEach(source, table);
    await runEach(servers.source.superuser(), [
      `UPDATE pg_database SET datcollversion = '1.0' WHERE datname = '${source.database}'`,
    ]);
    const { verdict, failed, reason } = await servers.backUpAndRestore({ source });
    expect({ verdict, failed }, reason).toEqual({ verdict: 'verified', failed: [] });
  });
});

describe.each([
  [14, 18],
  [18, 14],
] as const)('a source of PostgreSQL %i and a scratch server of %i', (sourceMajor, scratchMajor) => {
  const servers = useServers({ source: sourceMajor, scratch: scratchMajor });

  test('nothing is proven, and the message says which server to give', async () => {
    const { verdict, reason } = await servers.backUpAndRestore({ statements: table });
    expect(verdict).toBe('not-proven');
    expect(reason).toContain(`give the plan a scratch server of version ${sourceMajor}`);
  });
});
