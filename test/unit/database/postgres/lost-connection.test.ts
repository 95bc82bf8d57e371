import pg from 'pg';
import { expect, test } from 'vitest';
import type { DatabaseAccess } from '../../../../shared/database/access.ts';
import { namingLostConnection } from '../../../../shared/database/postgres/lost-connection.ts';

const access: DatabaseAccess = {
  host: 'db.example.com',
  port: 5432,
  username: 'app',
  password: 'a secret',
  dbname: 'app',
  certificateAuthority: '',
};
const said = (code: string, message: string) =>
  Object.assign(new pg.DatabaseError(message, 0, 'error'), { code });

test.each([
  said('57P01', 'terminating connection due to administrator command'),
  said('57P02', 'terminating connection because of crash of another server process'),
  said('08006', 'connection failure'),
  new Error('Connection terminated unexpectedly'),
  new Error('Client has encountered a connection error and is not queryable'),
])('"$message" is a lost connection, and names the database', (error) => {
  expect(namingLostConnection(error, access)).toMatchObject({
    name: 'DatabaseUnreachable',
    message: `the connection to database "app" at db.example.com:5432 was lost: ${error.message}`,
    cause: error,
  });
});

test.each([said('42501', 'permission denied for table t'), new Error('socket hang up'), 'a text'])(
  'anything else stays what it is',
  (error) => {
    expect(namingLostConnection(error, access)).toBe(error);
  },
);
