import { describe, expect, test } from 'vitest';
import { fieldCase } from '../field-case.ts';
import { runEach, useServers } from './servers.ts';

const servers = useServers();

const message = (error: unknown): string => (error instanceof Error ? error.message : String(error));

fieldCase('A29', async (now) => {
  // A foreign key that the source itself breaks: its check was switched off while the row was written.
  const source = await servers.newDatabase();
  await runEach(source, [
    'CREATE TABLE customers (id int PRIMARY KEY)',
    'CREATE TABLE orders (id int PRIMARY KEY, customer_id int CONSTRAINT orders_customer REFERENCES customers)',
  ]);
  await runEach(servers.source.superuser(source.database), [
    "SET session_replication_role = 'replica'",
    'INSERT INTO orders VALUES (1, 4242)',
  ]);
  const { verdict, error } = await servers.backUpAndRestore({ source });
  expect(verdict).toBe('rejected');
  const words = message(error);
  expect(words).toContain('violates foreign key constraint "orders_customer"');
  expect(words).toContain('SQLSTATE 23503; ');
  expect(words).toContain('table public.orders; constraint orders_customer; ');
  expect(words).toContain('Key (customer_id) is not present in table "customers"');
  expect(words).not.toContain('4242');
  now('rejected, naming table, constraint and key, and no value');
});

/** Schemas that a native dump carries, and a scratch server refuses for a reason that says nothing of the rows. */
describe('nothing is proven of a backup', () => {
  test.each<[string, readonly string[], RegExp]>([
    [
      'whose check raises an error outside production',
      [
        `CREATE FUNCTION guard(n int) RETURNS bool LANGUAGE plpgsql AS $$ BEGIN
           IF current_database() NOT LIKE 'app%' THEN RAISE EXCEPTION 'secret %', n; END IF; RETURN true; END $$`,
        'CREATE TABLE t (n int CHECK (guard(n)))',
        'INSERT INTO t VALUES (7)',
      ],
      /public\.t: a function of the database raised an error \(SQLSTATE P0001; COPY t, line 1; PL\/pgSQL function guard\(integer\).*suspected: the restored code/,
    ],
    [
      'whose check raises the code of a broken key outside production',
      [
        `CREATE FUNCTION guard(n int) RETURNS bool LANGUAGE plpgsql AS $$ BEGIN
           IF current_database() NOT LIKE 'app%' THEN
             RAISE EXCEPTION 'no' USING ERRCODE = 'unique_violation'; END IF; RETURN true; END $$`,
        'CREATE TABLE t (n int CHECK (guard(n)))',
        'INSERT INTO t VALUES (7)',
      ],
      /SQLSTATE 23505.*suspected: the restored code/,
    ],
    [
      'whose index divides by zero outside production',
      [
        `CREATE FUNCTION half(n int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS
           $$ BEGIN RETURN n / (current_database() LIKE 'app%')::int; END $$`,
        'CREATE TABLE t (n int)',
        'CREATE INDEX ON t (half(n))',
        'INSERT INTO t VALUES (7)',
      ],
      /the schema after the rows: division by zero \(SQLSTATE 22012.*suspected: the restored code/,
    ],
    [
      'whose check is false outside production',
      ["CREATE TABLE t (n int CHECK (current_database() LIKE 'app%'))", 'INSERT INTO t VALUES (7)'],
      /SQLSTATE 23514; table public\.t; constraint t_check.*suspected: the restored code/,
    ],
  ])('%s', async (_, statements, words) => {
    const { verdict, error } = await servers.backUpAndRestore({ statements });
    expect(message(error)).toMatch(words);
    expect(message(error)).not.toContain('secret');
    expect(verdict).toBe('not-proven');
  });
});
