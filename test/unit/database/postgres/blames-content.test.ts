import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { blamesContent } from '../../../../shared/database/postgres/blames-content.ts';

function refusal(code: string): pg.DatabaseError {
  const error = new pg.DatabaseError('refused', 0, 'error');
  error.code = code;
  return error;
}

describe('whose fault a failed load is', () => {
  test.each([
    ['22P02', 'a value that its type does not read'],
    ['22P03', 'binary data of another shape'],
    ['22021', 'bytes that are no UTF-8'],
    ['22003', 'a number out of range'],
    ['22P04', 'COPY data with a column too many'],
    ['23505', 'two rows of one key'],
    ['23503', 'a row without its parent'],
    ['23514', 'a row that its check refuses'],
    ['23502', 'a null where none may be'],
    ['42601', 'a definition that is no SQL'],
    ['42P01', 'a definition that names a table that is not there'],
    ['42703', 'a column that is not there'],
    ['42P07', 'a table twice'],
    ['42883', 'a function that is not there'],
    ['2BP01', 'something that others depend on'],
    ['P0001', 'an error that a function of the schema raised'],
  ])("the backup's: %s, %s", (code) => {
    expect(blamesContent(refusal(code))).toBe(true);
  });

  test.each([
    ['08006', 'the connection was lost'],
    ['08P01', 'the protocol was broken'],
    ['28P01', 'the password is wrong'],
    ['40P01', 'a deadlock'],
    ['53100', 'the disk is full'],
    ['53200', 'out of memory or locks'],
    ['53300', 'too many connections'],
    ['54000', 'a limit of the server'],
    ['55006', 'the object is in use'],
    ['55P03', 'a lock was not available'],
    ['57014', 'the query was cancelled'],
    ['57P01', 'an administrator shut the server down'],
    ['57P03', 'the server is starting up'],
    ['58030', 'an I/O error'],
    ['58P01', 'a library of an extension is missing'],
    ['F0001', 'the lock file of the server'],
    ['XX000', 'an internal error'],
    ['XX002', 'a corrupted index of the server'],
    ['0A000', 'an extension that the server does not have'],
    ['42501', 'a right that the role lacks'],
    ['42704', 'a role or collation that the server does not have'],
  ])("the harness's: %s, %s", (code) => {
    expect(blamesContent(refusal(code))).toBe(false);
  });
});
