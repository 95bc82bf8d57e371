import { describe, expect, test } from 'vitest';
import { runEach, useServers } from '../databases/servers.ts';
import { fieldCase } from '../field-case.ts';

const servers = useServers();

/** A function that reads a table; PostgreSQL takes its word that it is immutable. */
const known = (table: string) =>
  `CREATE FUNCTION known(k int) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT EXISTS (SELECT FROM public.${table} WHERE id = k)'`;
const lookup = (table: string) => [
  `CREATE TABLE ${table} (id int)`,
  `INSERT INTO ${table} SELECT generate_series(1, 10)`,
];
const manyRows = "SELECT n % 10 + 1, repeat('x', 100) FROM generate_series(1, 20000) n";

fieldCase('A23', async (now) => {
  const checked = await servers.backUpAndRestore({
    statements: [
      ...lookup('a_lookup'),
      known('a_lookup'),
      'CREATE TABLE b_data (k int CHECK (known(k)), filling text)',
      `INSERT INTO b_data ${manyRows}`,
    ],
  });
  expect(checked.failed).toEqual([]);
  expect(checked.verdict).toBe('verified');
  const stored = await servers.backUpAndRestore({
    statements: [
      ...lookup('a_lookup'),
      known('a_lookup'),
      'CREATE TABLE b_data (k int, filling text, there boolean GENERATED ALWAYS AS (known(k)) STORED)',
      `INSERT INTO b_data ${manyRows}`,
    ],
  });
  expect(stored.failed).toEqual([]);
  expect(stored.verdict).toBe('verified');
  now('verified, by check and by stored column');
});

describe('a table that reads another while it is loaded is verified', () => {
  test('where the other follows in the order of names', async () => {
    const { verdict, notices } = await servers.backUpAndRestore({
      statements: [
        ...lookup('z_lookup'),
        known('z_lookup'),
        'CREATE TABLE b_data (k int CHECK (known(k)), filling text)',
        `INSERT INTO b_data ${manyRows}`,
      ],
    });
    expect(notices).toEqual([]);
    expect(verdict).toBe('verified');
  });

  test('where an array of a domain of a composite reads it', async () => {
    const { verdict, notices } = await servers.backUpAndRestore({
      statements: [
        ...lookup('z_lookup'),
        known('z_lookup'),
        'CREATE DOMAIN key AS int CHECK (known(VALUE))',
        'CREATE TYPE pair AS (one key, other key)',
        'CREATE TABLE b_data (pairs pair[], filling text)',
        "INSERT INTO b_data SELECT ARRAY[ROW(n % 10 + 1, 1)::pair], repeat('x', 100) FROM generate_series(1, 20000) n",
      ],
    });
    expect(notices).toEqual([]);
    expect(verdict).toBe('verified');
  });

  test('where the other reads one too: it is tried again, and said so', async () => {
    const { verdict, failed, notices } = await servers.backUpAndRestore({
      statements: [
        ...lookup('m_lookup'),
        "CREATE FUNCTION hidden(k int) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$ DECLARE found boolean; BEGIN EXECUTE 'SELECT EXISTS (SELECT FROM public.m_lookup WHERE id = $1)' INTO found USING k; RETURN found; END $$",
        'CREATE TABLE z_also_checked (id int CHECK (hidden(id)))',
        known('z_also_checked'),
        'INSERT INTO z_also_checked SELECT generate_series(1, 10)',
        'CREATE TABLE b_data (k int CHECK (known(k)), filling text)',
        `INSERT INTO b_data ${manyRows}`,
      ],
    });
    expect(failed).toEqual([]);
    expect(verdict).toBe('verified');
    expect(notices).toEqual([
      expect.stringMatching(
        /^public\.b_data was loaded after the other tables, because before them it was refused: .*check constraint/,
      ),
    ]);
  });
});

test('a row that a check refuses in every order proves nothing, and the check is named', async () => {
  const source = await servers.newDatabase();
  await runEach(source, [
    ...lookup('a_lookup'),
    known('a_lookup'),
    'CREATE TABLE b_data (k int CHECK (known(k)), filling text)',
    `INSERT INTO b_data ${manyRows}`,
    'DELETE FROM a_lookup WHERE id = 7',
  ]);
  const { verdict, reason } = await servers.backUpAndRestore({ source });
  expect(verdict).toBe('not-proven');
  expect(reason).toMatch(/public\.b_data: .*check constraint "b_data_k_check".*suspected/s);
});
