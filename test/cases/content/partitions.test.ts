import { expect, test } from 'vitest';
import { runEach, useServers } from '../databases/servers.ts';
import { fieldCase } from '../field-case.ts';

const servers = useServers();
const LABELS = ['red', 'orange', 'yellow', 'green', 'blue', 'indigo', 'violet', 'grey'];
const colours = `CREATE TYPE colour AS ENUM (${LABELS.map((label) => `'${label}'`).join(', ')})`;
const halves = (parent: string) =>
  [0, 1].map(
    (rest) =>
      `CREATE TABLE ${parent}_${rest} PARTITION OF ${parent} FOR VALUES WITH (MODULUS 2, REMAINDER ${rest})`,
  );
const rows = 'SELECT (enum_range(NULL::colour))[n % 8 + 1], n FROM generate_series(1, 1000) n';

fieldCase('A24', async (now) => {
  const { verdict, failed } = await servers.backUpAndRestore({
    statements: [
      colours,
      'CREATE TABLE p (c colour, n int) PARTITION BY HASH (c)',
      ...halves('p'),
      `INSERT INTO p ${rows}`,
    ],
    look: async (copy) =>
      expect(await runEach(copy, ['SELECT count(*)::int AS n FROM p'])).toEqual([{ n: 1000 }]),
  });
  expect(failed).toEqual([]);
  expect(verdict).toBe('verified');
  now('verified: loaded through the root, partitions compared together');
});

test('rows of tables partitioned by other hashes that another database computes otherwise are verified', async () => {
  const partitioned = (name: string, columns: string, by: string, insert: string) => [
    `CREATE TABLE ${name} (${columns}) PARTITION BY HASH (${by})`,
    ...halves(name),
    `WITH rows (c, n) AS (${rows}) INSERT INTO ${name} ${insert}`,
  ];
  const { verdict, failed } = await servers.backUpAndRestore({
    statements: [
      ...Array.from({ length: 8 }, (_, n) => `CREATE TABLE t${n} ()`),
      colours,
      'CREATE DOMAIN shade AS colour',
      'CREATE TYPE pair AS (c colour, n int)',
      "CREATE FUNCTION upper_half(c colour) RETURNS colour LANGUAGE sql IMMUTABLE AS 'SELECT CASE WHEN c > ''green'' THEN c ELSE ''red'' END'",
      ...partitioned('arrays', 'c colour[], n int', 'c', 'SELECT ARRAY[c], n FROM rows'),
      ...partitioned('domains', 'c shade, n int', 'c', 'SELECT c, n FROM rows'),
      ...partitioned('composites', 'c pair, n int', 'c', 'SELECT ROW(c, 1)::pair, n FROM rows'),
      ...partitioned('names', 'c regclass, n int', 'c', "SELECT ('t' || n % 8)::regclass, n FROM rows"),
      ...partitioned('two_keys', 'c colour, n int', 'n, c', 'SELECT c, n FROM rows'),
      ...partitioned('expressions', 'c colour, n int', '(upper_half(c))', 'SELECT c, n FROM rows'),
      // Below a list, with columns in another order.
      'CREATE TABLE p (n int, c colour, region text) PARTITION BY LIST (region)',
      "CREATE TABLE other PARTITION OF p FOR VALUES IN ('us')",
      'CREATE TABLE p_eu (region text, gone int, c colour, n int) PARTITION BY HASH (c)',
      'ALTER TABLE p_eu DROP COLUMN gone',
      ...halves('p_eu'),
      "ALTER TABLE p ATTACH PARTITION p_eu FOR VALUES IN ('eu')",
      `WITH rows (c, n) AS (${rows}) INSERT INTO p SELECT n, c, CASE WHEN n % 3 = 0 THEN 'us' ELSE 'eu' END FROM rows`,
    ],
  });
  expect(failed).toEqual([]);
  expect(verdict).toBe('verified');
}, 60_000);

test('a row that one partition lost is found, though others may hold it', async () => {
  const { verdict, failed } = await servers.backUpAndRestore({
    statements: [
      colours,
      'CREATE TABLE p (c colour, n int) PARTITION BY HASH (c)',
      ...halves('p'),
      `INSERT INTO p ${rows}`,
    ],
    look: async (copy) => {
      await runEach(copy, ['UPDATE p SET n = 0 WHERE n = 77']);
    },
  });
  expect(verdict).toBe('rejected');
  expect(failed.map(({ name }) => name)).toEqual(['public.p']);
});

test('partitions by the hash of a number are compared one by one', async () => {
  const { manifest, verdict } = await servers.backUpAndRestore({
    statements: [
      'CREATE TABLE p (n int) PARTITION BY HASH (n)',
      ...halves('p'),
      'INSERT INTO p SELECT generate_series(1, 99)',
    ],
  });
  expect(verdict).toBe('verified');
  expect(manifest.tables.map(({ through }) => through)).toEqual([null, null, null]);
});
