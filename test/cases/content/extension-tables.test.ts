import { beforeAll, describe, expect, test } from 'vitest';
import { provideExtensions, type SqlExtension } from '../databases/extensions.ts';
import { runEach, useServers } from '../databases/servers.ts';
import { fieldCase } from '../field-case.ts';

const servers = useServers();

/** As pg_cron and pg_partman: a table whose rows are all the application's, and its sequence. */
const jobs: SqlExtension = {
  name: 'jobs',
  version: '1.0',
  script: `
    CREATE TABLE jobs (id serial PRIMARY KEY, command text NOT NULL);
    SELECT pg_extension_config_dump('jobs', '');
    SELECT pg_extension_config_dump('jobs_id_seq', '');`,
};
/** As PostGIS: rows of the extension and of the application in one table, told apart by a condition. */
const systems: SqlExtension = {
  name: 'systems',
  version: '3.4.1',
  script: `
    CREATE TABLE systems (id int PRIMARY KEY, own boolean NOT NULL DEFAULT false, text text);
    INSERT INTO systems VALUES (1, false, 'shipped'), (2, false, 'shipped too');
    CREATE TABLE uses (system int REFERENCES systems);
    CREATE TABLE a_child (system int REFERENCES systems);
    CREATE TABLE unmarked (n int);
    INSERT INTO unmarked VALUES (1);
    CREATE FUNCTION system_text(system int) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT text FROM public.systems WHERE id = system';
    SELECT pg_extension_config_dump('systems', 'WHERE own');
    SELECT pg_extension_config_dump('a_child', '');`,
};
/** Its script adds rows that its empty condition calls the application's. */
const seeded: SqlExtension = {
  name: 'seeded',
  version: '1.0',
  creator: 'trusted',
  script: `
    CREATE TABLE seeded (id int PRIMARY KEY, text text);
    INSERT INTO seeded VALUES (1, 'seed'), (2, 'seed');
    GRANT SELECT, INSERT, UPDATE, DELETE ON seeded TO PUBLIC;
    SELECT pg_extension_config_dump('seeded', '');`,
};
const onlyAtTheSource: SqlExtension = { name: 'elsewhere', version: '2.7', script: '' };

beforeAll(async () => {
  await provideExtensions(servers.source, [jobs, systems, seeded, onlyAtTheSource]);
  await provideExtensions(servers.scratch, [jobs, systems, seeded]);
});

const all = (table: string) => `SELECT json_agg(t.* ORDER BY t.*::text) AS rows FROM ${table} t`;

fieldCase('A18', async (now) => {
  const { verdict, failed } = await servers.backUpAndRestore({
    statements: [
      'CREATE TABLE t ()',
      'CREATE EXTENSION jobs',
      "INSERT INTO jobs (command) VALUES ('VACUUM')",
    ],
    look: async (copy) => {
      expect(await runEach(copy, ['SELECT * FROM jobs'])).toEqual([{ id: 1, command: 'VACUUM' }]);
      expect(await runEach(copy, ['SELECT last_value::int FROM jobs_id_seq'])).toEqual([{ last_value: 1 }]);
    },
  });
  expect(failed).toEqual([]);
  expect(verdict).toBe('verified');
  now('verified: the row and its sequence come back');
});

describe('the tables of an extension', () => {
  const statements = [
    'CREATE EXTENSION systems',
    "INSERT INTO systems VALUES (900, true, 'own')",
    "UPDATE systems SET text = 'changed' WHERE id = 1",
    'INSERT INTO a_child VALUES (900), (1)',
    // A stored column reads a table of the extension.
    'CREATE TABLE t (system int, text text GENERATED ALWAYS AS (system_text(system)) STORED)',
    'INSERT INTO t VALUES (900), (2)',
  ];

  test('come back as far as the extension marks them, in the order of their keys', async () => {
    const { verdict, failed, manifest } = await servers.backUpAndRestore({
      statements,
      look: async (copy) => {
        expect(await runEach(copy, [all('systems')])).toEqual([
          {
            rows: [
              { id: 1, own: false, text: 'shipped' },
              { id: 2, own: false, text: 'shipped too' },
              { id: 900, own: true, text: 'own' },
            ],
          },
        ]);
        expect(await runEach(copy, [all('a_child')])).toEqual([{ rows: [{ system: 1 }, { system: 900 }] }]);
      },
    });
    expect(failed).toEqual([]);
    expect(verdict).toBe('verified');
    expect(manifest.tables.map(({ name }) => name).sort()).toEqual(['a_child', 'heartbeat', 'systems', 't']);
  });

  test('are compared too', async () => {
    const { verdict, failed } = await servers.backUpAndRestore({
      statements,
      look: async (copy) => {
        await runEach(copy, ["UPDATE systems SET text = 'lost' WHERE id = 900"]);
      },
    });
    expect(verdict).toBe('rejected');
    expect(failed.map(({ name }) => name)).toEqual(['public.systems']);
  });

  test('do not keep the rows that their script adds on the copy, if the application removed them', async () => {
    const { verdict, failed } = await servers.backUpAndRestore({
      statements: [
        'CREATE TABLE t ()',
        'CREATE EXTENSION seeded',
        'DELETE FROM seeded WHERE id = 1',
        "INSERT INTO seeded VALUES (3, 'own')",
      ],
      look: async (copy) =>
        expect(await runEach(copy, [all('seeded')])).toEqual([
          {
            rows: [
              { id: 2, text: 'seed' },
              { id: 3, text: 'own' },
            ],
          },
        ]),
    });
    expect(failed).toEqual([]);
    expect(verdict).toBe('verified');
  });
});

test('a scratch server without an extension proves nothing, and the extension is named', async () => {
  const { verdict, reason } = await servers.backUpAndRestore({
    statements: ['CREATE TABLE t ()', 'CREATE EXTENSION elsewhere'],
  });
  expect(verdict).toBe('not-proven');
  expect(reason).toContain('the scratch server lacks extension "elsewhere" 2.7 of the source');
});
