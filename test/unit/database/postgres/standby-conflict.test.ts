import pg from 'pg';
import { expect, test } from 'vitest';
import type { DatabaseAccess } from '../../../../shared/database/access.ts';
import { PgDumpFailed } from '../../../../shared/database/postgres/pg-dump/run-pg-dump.ts';
import { namingStandbyConflict } from '../../../../shared/database/postgres/standby-conflict.ts';

const access: DatabaseAccess = {
  host: 'db.example.com',
  port: 5432,
  username: 'app',
  password: 'a secret',
  dbname: 'app',
  certificateAuthority: '',
};
const said = (message: string, routine: string) =>
  Object.assign(new pg.DatabaseError(message, 0, 'error'), { code: '40001', routine });

test.each([
  said('canceling statement due to conflict with recovery', 'ProcessRecoveryConflictInterrupt'),
  said('storniere Anfrage wegen Konflikt mit der Wiederherstellung', 'ProcessRecoveryConflictInterrupts'),
  said('deadlock detected', 'CheckRecoveryConflictDeadlock'),
  new PgDumpFailed('query failed: ERROR:  canceling statement due to conflict with recovery'),
])('"$message" is a conflict of a standby, worth a retry', (error) => {
  expect(namingStandbyConflict(error, access)).toMatchObject({
    name: 'StandbyConflict',
    retryable: true,
    message: `the standby of database "app" at db.example.com:5432 ended a query of the backup: ${error.message}`,
    cause: error,
  });
});

test.each([
  said('could not serialize access due to concurrent update', 'ExecUpdate'),
  new PgDumpFailed('server version: 19; pg_dump version: 18'),
  new Error('conflict with recovery'),
])('"$message" stays as it is', (error) => {
  expect(namingStandbyConflict(error, access)).toBe(error);
});
