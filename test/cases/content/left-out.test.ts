import { beforeAll, expect, test } from 'vitest';
import { provideExtensions } from '../databases/extensions.ts';
import { runEach, useServers } from '../databases/servers.ts';

const servers = useServers();

const nowhere = {
  name: 'nowhere',
  version: '1.0',
  creator: 'trusted',
  script: `CREATE FOREIGN DATA WRAPPER nowhere; GRANT USAGE ON FOREIGN DATA WRAPPER nowhere TO PUBLIC;
    CREATE TABLE unmarked (n int); INSERT INTO unmarked VALUES (1); CREATE TABLE unmarked_and_empty (n int);`,
} as const;

beforeAll(() =>
  Promise.all([servers.source, servers.scratch].map((server) => provideExtensions(server, [nowhere]))),
);

test('content that no copy gets is listed, and changes no verdict', async () => {
  const { verdict, leftOut } = await servers.backUpAndRestore({
    statements: [
      'CREATE EXTENSION nowhere',
      'CREATE SERVER elsewhere FOREIGN DATA WRAPPER nowhere',
      'CREATE FOREIGN TABLE "Far" (n int) SERVER elsewhere',
      'CREATE TABLE p (n int) PARTITION BY LIST (n)',
      'CREATE FOREIGN TABLE far_part PARTITION OF p FOR VALUES IN (2) SERVER elsewhere',
      'CREATE TABLE expressions AS SELECT oid, adbin FROM pg_attrdef LIMIT 3',
      'CREATE TABLE t (n int DEFAULT 1)',
      'INSERT INTO expressions SELECT oid, adbin FROM pg_attrdef',
      'SELECT lo_create(20000), lo_create(20001)',
      'GRANT SELECT ON LARGE OBJECT 20000 TO PUBLIC',
    ],
    look: async (copy) =>
      expect(
        await runEach(copy, ['SELECT count(*)::int AS n, count(adbin)::int AS kept FROM expressions']),
      ).toEqual([{ n: 1, kept: 0 }]),
  });
  expect(leftOut).toEqual(
    expect.arrayContaining([
      'rows of tables that belong to extensions, which do not mark them for a dump (public.unmarked)',
      'rows of foreign tables, which live elsewhere (public."Far", public.far_part)',
      'owners and grants of large objects (20000)',
      'values that no server reads back (public.expressions.adbin)',
    ]),
  );
  expect(verdict).toBe('verified');
});

test('an ordinary database has none', async () => {
  const { leftOut } = await servers.backUpAndRestore({
    statements: ['CREATE TABLE t (n int)', 'SELECT lo_create(20000)'],
  });
  expect(leftOut.filter((what) => /rows|values|large/.test(what))).toEqual([]);
});
