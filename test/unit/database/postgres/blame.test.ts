import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { blame } from '../../../../shared/database/postgres/blame.ts';

function refusal(code: string, fields: Partial<pg.DatabaseError> = {}): pg.DatabaseError {
  return Object.assign(new pg.DatabaseError('refused', 0, 'error'), { code, ...fields });
}
const suspectOf = (code: string, where?: string) => blame(refusal(code, where ? { where } : {}))?.suspect;

const IN_COPY = 'COPY contacts, line 7, column id: "x"';

describe('who is to blame for a failed load', () => {
  test.each([
    ['22P02', 'a value that its type does not read'],
    ['22P03', 'binary data of another shape'],
    ['22021', 'bytes that are no UTF-8'],
    ['22P04', 'COPY data with a column too many'],
    ['23505', 'two rows of one key'],
    ['23503', 'a row without its parent'],
    ['23502', 'a null where none may be'],
    ['23P01', 'two rows that exclude each other'],
  ])('the backup, where COPY itself says %s: %s', (code) => {
    expect(suspectOf(code, IN_COPY)).toBe('backup');
  });

  test.each([
    ['22P02', 'PL/pgSQL function f(integer) line 1 at assignment\nCOPY contacts, line 7: "x"'],
    ['22P02', 'SQL function "f" statement 1'],
    ['23505', 'PL/pgSQL function guard() line 3 at RAISE'],
    ['23503', 'PL/pgSQL-Funktion guard() Zeile 3 bei RAISE\nCOPY contacts, Zeile 7'],
    ['22P02', undefined],
  ])('restored code, where the same code %s may come from it', (code, where) => {
    expect(suspectOf(code, where)).toBe('restored code');
  });

  test.each([
    ['restored code', '22003', 'a number out of range: of a computed column, perhaps'],
    ['restored code', '22008', 'a date that another datestyle reads'],
    ['restored code', '22012', 'a division by zero in an index'],
    ['restored code', '2200N', 'xml that another xmloption takes'],
    ['restored code', '23514', 'a check that may call a function'],
    ['restored code', '23000', 'a violation that the server itself never names so'],
    ['restored code', '23001', 'a delete that a key restricts'],
    ['restored code', 'P0001', 'an error that a function of the schema raised'],
    ['restored code', '38000', 'an error of a function in another language'],
    ['Lifeboat', '42601', 'a definition that is no SQL, as pg_dump wrote it'],
    ['Lifeboat', '42P01', 'a table that is not there'],
    ['Lifeboat', '42703', 'a column that is not there'],
    ['Lifeboat', '42P07', 'a table twice'],
    ['Lifeboat', '42883', 'a function that is not there'],
    ['Lifeboat', '2BP01', 'something that others depend on'],
    ['Lifeboat', '40P01', 'a deadlock of its own connections'],
    ['Lifeboat', '25006', 'a transaction that may only read'],
    ['Lifeboat', '55P03', 'a lock was not available'],
    ['role', '42501', 'a right that the role lacks'],
    ['role', '28P01', 'a wrong password'],
    ['scratch server', '42704', 'a role or collation that it does not have'],
    ['scratch server', '22023', 'a setting that it does not have'],
    ['scratch server', '0A000', 'an extension that it does not have'],
    ['scratch server', '58P01', 'a library of an extension is missing'],
    ['scratch server', '53100', 'the disk is full'],
    ['scratch server', '53200', 'out of memory or locks'],
    ['scratch server', '53300', 'too many connections'],
    ['scratch server', '54000', 'a limit of the server'],
    ['scratch server', '55006', 'the object is in use'],
    ['scratch server', '57014', 'the query was cancelled'],
    ['scratch server', '57P04', 'the database was dropped'],
    ['scratch server', '58030', 'an I/O error'],
    ['scratch server', 'F0001', 'the lock file of the server'],
    ['scratch server', 'XX000', 'an internal error'],
    ['scratch server', 'XX001', 'data that the server itself damaged'],
    ['nobody', '99999', 'a code of an extension that nobody knows'],
    ['nobody', 'ZZ001', 'a class that PostgreSQL does not have yet'],
    ['nobody', '', 'no code at all'],
  ])('the %s for %s: %s', (suspect, code) => {
    expect(suspectOf(code, IN_COPY)).toBe(suspect);
    expect(blame(refusal(code))).toMatchObject({ because: expect.any(String), next: expect.any(String) });
  });

  test('a full disk is called a full disk', () => {
    expect(blame(refusal('53100'))).toMatchObject({ because: 'its disk is full' });
    expect(blame(refusal('53200'))?.because).not.toContain('disk');
  });

  test.each([
    ['08006', 'the connection was lost'],
    ['57P01', 'an administrator shut the server down'],
    ['57P03', 'the server is starting up'],
  ])('no refusal at all, where the connection is gone: %s, %s', (code) => {
    expect(blame(refusal(code))).toBeNull();
  });
});
