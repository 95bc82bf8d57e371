import pg from 'pg';
import { expect, test } from 'vitest';
import { describeServerError } from '../../../../shared/database/postgres/describe-server-error.ts';

const said = (fields: Partial<pg.DatabaseError>) =>
  describeServerError(Object.assign(new pg.DatabaseError(fields.message ?? '', 0, 'error'), fields));

test('names the constraint, its table and its key, and no value', () => {
  expect(
    said({
      code: '23503',
      message: 'insert or update on table "orders" violates foreign key constraint "orders_customer_fkey"',
      detail: 'Key (customer_id, region)=(42, secret)) is not present in table "customers".',
      schema: 'public',
      table: 'orders',
      constraint: 'orders_customer_fkey',
    }),
  ).toBe(
    'insert or update on table "orders" violates foreign key constraint "orders_customer_fkey" (SQLSTATE 23503; table public.orders; constraint orders_customer_fkey; Key (customer_id, region) is not present in table "customers")',
  );
});

test.each<[string, Partial<pg.DatabaseError>, string]>([
  [
    'a duplicate key',
    {
      code: '23505',
      message: 'could not create unique index "u"',
      detail: 'Key (email)=(secret@x) is duplicated.',
    },
    'could not create unique index "u" (SQLSTATE 23505; Key (email) is duplicated)',
  ],
  [
    'a row that a check refuses',
    {
      code: '23514',
      message: 'new row violates check "c"',
      detail: 'Failing row contains (1, secret).',
      table: 't',
    },
    'new row violates check "c" (SQLSTATE 23514; table t)',
  ],
  [
    'a value that its type does not read',
    {
      code: '22P02',
      message: 'invalid input syntax for type integer: "sec""ret"',
      where: 'COPY t, line 7, column n: "sec"',
    },
    'invalid input syntax for type integer: "…" (SQLSTATE 22P02; COPY t, line 7, column n)',
  ],
  [
    'what a function raised',
    {
      code: 'P0001',
      message: '\u001b[2J secret row',
      detail: 'secret',
      hint: 'secret',
      where: 'PL/pgSQL function app.guard(integer) line 3 at RAISE\nCOPY t, line 1: "secret"',
    },
    'a function of the database raised an error (SQLSTATE P0001; COPY t, line 1; PL/pgSQL function app.guard(integer) line 3 at RAISE)',
  ],
  [
    'a right that is missing, with the hint of the server',
    { code: '42501', message: 'permission denied for schema a', hint: 'Grant it.' },
    'permission denied for schema a (SQLSTATE 42501; hint: Grant it.)',
  ],
  [
    'a language other than English',
    { code: '23503', message: 'verletzt', detail: 'Schlüssel (id)=(secret) ist nicht in Tabelle.' },
    'verletzt (SQLSTATE 23503)',
  ],
])('tells of %s', (_, fields, expected) => {
  const words = said(fields);
  expect(words).toBe(expected);
  expect(words).not.toContain('secret');
});
