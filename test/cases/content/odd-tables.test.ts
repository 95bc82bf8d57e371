import pg from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';
import { differingRows } from '../../integration/support/row-comparison.ts';
import { provideExtensions } from '../databases/extensions.ts';
import { useServers } from '../databases/servers.ts';

const servers = useServers();

const withAccessMethod = {
  name: 'other_heap',
  version: '1.0',
  creator: 'trusted',
  script: 'CREATE ACCESS METHOD other_heap TYPE TABLE HANDLER heap_tableam_handler;',
} as const;
const withForeignData = {
  name: 'nowhere',
  version: '1.0',
  creator: 'trusted',
  script: 'CREATE FOREIGN DATA WRAPPER nowhere; GRANT USAGE ON FOREIGN DATA WRAPPER nowhere TO PUBLIC;',
} as const;

beforeAll(() =>
  Promise.all(
    [servers.source, servers.scratch].map((server) =>
      provideExtensions(server, [withAccessMethod, withForeignData]),
    ),
  ),
);

/** Inputs that broke other tools, and their kin. Each is a few statements; a comment names where it was met. */
const ODD_TABLES: Readonly<Record<string, readonly string[]>> = {
  // https://github.com/dimitri/pgcopydb/issues/496
  'a stored column in the middle': [
    'CREATE TABLE communes (id varchar NOT NULL PRIMARY KEY, loud text GENERATED ALWAYS AS (upper(name::text)) STORED, name varchar(50))',
    "INSERT INTO communes (id, name) VALUES ('01', 'aname'), ('02', NULL)",
  ],
  'a stored column as key': [
    'CREATE TABLE by_computed_key (a int, k int GENERATED ALWAYS AS (a * 2) STORED PRIMARY KEY)',
    'INSERT INTO by_computed_key VALUES (1), (2)',
  ],
  // https://github.com/dimitri/pgcopydb/issues/280
  'an identity that takes no values': [
    'CREATE TABLE identities (id bigint GENERATED ALWAYS AS IDENTITY (INCREMENT -7 MAXVALUE 1000 START 1000 CYCLE), t text)',
    "INSERT INTO identities (t) VALUES ('x'), ('y')",
  ],
  // https://github.com/nfrastack/db-backup/issues/572
  'arrays of types that tools write by hand': [
    'CREATE TABLE arrays (u uuid[], b bytea[], j json[], jb jsonb[], deep int[])',
    `INSERT INTO arrays VALUES (ARRAY['0220013c-a67f-4487-ac55-6a1c4fa0aa85']::uuid[], ARRAY['\\x00ff', NULL]::bytea[],
       ARRAY['{"a": [1,  2]}']::json[], ARRAY['null', NULL]::jsonb[], '[-2:-1][3:3][0:1]={{{1,2}},{{NULL,4}}}')`,
  ],
  // https://github.com/xataio/pgstream/issues/451, and what DMS turns into 0 or into today
  'values without an end': [
    'CREATE TABLE endless (d date, t timestamp, tz timestamptz, n numeric, n2 numeric(10, 3), i interval, r tstzrange)',
    "INSERT INTO endless VALUES ('infinity', '-infinity', 'infinity', 'NaN', 'NaN', 'infinity', '[-infinity,infinity]'), ('4713-01-01 BC', '0044-03-15 BC', '-infinity', '-Infinity', 0.000, '-infinity', 'empty')",
  ],
  // https://github.com/dimitri/pgcopydb/issues/498
  'a check that is not valid, with rows that break it': [
    'CREATE TABLE employees (name text)',
    "INSERT INTO employees VALUES ('abc'), ('x')",
    "ALTER TABLE employees ADD CONSTRAINT no_abc CHECK (name !~ 'abc') NOT VALID",
    'CREATE DOMAIN short AS text',
    'CREATE TABLE of_domain (s short)',
    "INSERT INTO of_domain VALUES ('much too long')",
    'ALTER DOMAIN short ADD CONSTRAINT is_short CHECK (length(VALUE) < 3) NOT VALID',
  ],
  'rows of nothing but null, and rows in rows': [
    'CREATE TYPE inner_row AS (a int, b text)',
    'CREATE TYPE outer_row AS (i inner_row, many inner_row[], c text)',
    'CREATE TABLE nested (o outer_row)',
    `INSERT INTO nested VALUES (NULL), (ROW(NULL, NULL, NULL)), (ROW(ROW(NULL, NULL), '{}', '')), (ROW(ROW(1, 'x,")('), ARRAY[NULL, ROW(NULL, '')]::inner_row[], NULL))`,
    'CREATE TABLE of_a_type OF inner_row (a PRIMARY KEY)',
    "INSERT INTO of_a_type VALUES (1, 'x')",
    'CREATE TABLE later (first int)',
    'CREATE TABLE holds_later (l later, ls later[])',
    'INSERT INTO holds_later VALUES (ROW(1), ARRAY[ROW(2)::later])',
    'ALTER TABLE later ADD COLUMN gone text, ADD COLUMN second text',
    "INSERT INTO holds_later VALUES (ROW(3, 'g', 's'), ARRAY[ROW(4, NULL, 't')::later])",
    'ALTER TABLE later DROP COLUMN gone',
  ],
  'as many columns as a table can have': [
    `CREATE TABLE wide (${Array.from({ length: 1600 }, (_, n) => `c${n} int2`).join(', ')})`,
    `INSERT INTO wide (c0, c799, c1599) VALUES (1, 2, 3), (NULL, NULL, NULL)`,
  ],
  'names that look like syntax': [
    String.raw`CREATE TABLE "a""b'c\d;--%s $1
e" ("select" int, "ctid " int, oid int, """" text, "naïve 😀" text, "$1" int)`,
    String.raw`INSERT INTO "a""b'c\d;--%s $1
e" VALUES (1, 2, 3, '"', 'x', 4)`,
  ],
  'parents with rows of their own': [
    'CREATE TABLE parents (a int, b text)',
    'CREATE TABLE children (c int) INHERITS (parents)',
    "INSERT INTO parents VALUES (1, 'parent')",
    "INSERT INTO children VALUES (2, 'child', 3)",
  ],
  'sequences in rare states': [
    'CREATE SEQUENCE small AS smallint INCREMENT -5 MINVALUE -32768 MAXVALUE 10 START 10 CYCLE',
    "SELECT nextval('small')",
    'CREATE SEQUENCE at_its_end AS bigint MAXVALUE 9223372036854775807 CACHE 50',
    "SELECT setval('at_its_end', 9223372036854775807, true)",
    'CREATE UNLOGGED SEQUENCE not_logged',
    "SELECT setval('not_logged', 5)",
  ],
  'a table access method of an extension': [
    'CREATE EXTENSION other_heap',
    'CREATE TABLE stored_elsewhere (n int) USING other_heap',
    'INSERT INTO stored_elsewhere VALUES (1)',
  ],
  'text that looks like the end of a copy': [
    'CREATE TABLE ends (t text, x xml)',
    String.raw`INSERT INTO ends VALUES (E'\\.', '<a/>'), (E'\\N', NULL), (E'a\n\\.\nb', ''), (E'\t\r\n\b\f\v\\', '<?xml version="1.0"?><b/>'), ('', NULL)`,
  ],
};

describe('of tables that other tools lost rows of', () => {
  test('every row comes back, in binary and as text', async () => {
    for (const rows of ['binary', 'text'] as const) {
      const { verdict, failed, reason } = await servers.backUpAndRestore({
        statements: Object.values(ODD_TABLES).flat(),
        rows,
        look: async (copy, source) => {
          const clients = [new pg.Client(source), new pg.Client(copy)] as const;
          await Promise.all(clients.map((client) => client.connect()));
          const { differing, tables } = await differingRows(...clients);
          await Promise.all(clients.map((client) => client.end()));
          expect(differing).toEqual([]);
          expect(tables).toBe(17);
        },
      });
      expect(reason, rows).toMatch(/checks passed/);
      expect(failed, rows).toEqual([]);
      expect(verdict, rows).toBe('verified');
    }
  }, 90_000);

  test('a temporary table of a session at work is no part of the database', async () => {
    const source = await servers.newDatabase();
    const session = new pg.Client(source);
    await session.connect();
    await session.query(
      'CREATE TABLE kept (n int); CREATE TEMP TABLE kept_not (n int); INSERT INTO kept_not VALUES (1); CREATE TEMP SEQUENCE s',
    );
    const { verdict, manifest } = await servers.backUpAndRestore({ source });
    await session.end();
    expect(verdict).toBe('verified');
    expect(manifest.tables.map(({ name }) => name).sort()).toEqual(['heartbeat', 'kept']);
    expect(manifest.sequences).toEqual([]);
  });

  test('a foreign table, also as a partition, keeps its definition; its rows live elsewhere', async () => {
    const { verdict, failed, manifest } = await servers.backUpAndRestore({
      statements: [
        'CREATE EXTENSION nowhere',
        'CREATE SERVER elsewhere FOREIGN DATA WRAPPER nowhere',
        'CREATE FOREIGN TABLE far (n int) SERVER elsewhere',
        'CREATE TABLE p (n int) PARTITION BY LIST (n)',
        'CREATE TABLE near PARTITION OF p FOR VALUES IN (1)',
        'CREATE FOREIGN TABLE far_part PARTITION OF p FOR VALUES IN (2) SERVER elsewhere',
        'INSERT INTO p VALUES (1)',
      ],
    });
    expect(failed).toEqual([]);
    expect(verdict).toBe('verified');
    expect(manifest.tables.map(({ name }) => name).sort()).toEqual(['heartbeat', 'near']);
  });

  test('a check function that names a table without its schema finds it by the search path of the source', async () => {
    // https://github.com/dimitri/pgcopydb/issues/264
    const { verdict, failed } = await servers.backUpAndRestore({
      statements: [
        'CREATE TABLE tbl_dict (val text)',
        "INSERT INTO tbl_dict VALUES ('a')",
        'CREATE FUNCTION in_dict(v text) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RETURN EXISTS (SELECT FROM tbl_dict WHERE val = v); END $$',
        'CREATE TABLE tbl_data (val text CHECK (in_dict(val)))',
        "INSERT INTO tbl_data VALUES ('a')",
      ],
    });
    expect({ verdict, failed }).toEqual({ verdict: 'verified', failed: [] });
  });
});
