import { expect, test } from 'vitest';
import { runEach, useServers } from '../databases/servers.ts';

const servers = useServers();

const rows = 'CREATE TABLE t AS SELECT n, md5(n::text) AS x FROM generate_series(1, 200000) n';

/** Settings of the source's role that ended another tool's session in the middle of its work. */
test.each([
  [
    'pgbackrest/pgbackrest#2789, EnterpriseDB/barman#751: sessions may not be idle',
    'idle_session_timeout',
    '150ms',
  ],
  ['EnterpriseDB/barman#333: transactions may not be idle', 'idle_in_transaction_session_timeout', '150ms'],
  ['EnterpriseDB/barman#915: statements may not last', 'statement_timeout', '150ms'],
  ['of their kind: transactions may not last', 'transaction_timeout', '150ms'],
  ['of their kind: nothing waits for a lock', 'lock_timeout', '1ms'],
  ['greenplum-db/gpbackup#176: transactions only read', 'default_transaction_read_only', 'on'],
  ['of their kind: transactions are serializable', 'default_transaction_isolation', 'serializable'],
  ['of their kind: every plan is parallel', 'debug_parallel_query', 'regress'],
])('%s', async (_, name, value) => {
  const source = await servers.newDatabase();
  await runEach(source, [rows, `ALTER ROLE "${source.user}" SET ${name} = '${value}'`]);
  const login = servers.scratchLogin.user;
  await runEach(servers.scratch.superuser(), [`ALTER ROLE ${login} SET ${name} = '${value}'`]);
  const { verdict, failed, error } = await servers.backUpAndRestore({ source });
  await runEach(servers.scratch.superuser(), [`ALTER ROLE ${login} RESET ${name}`]);
  expect({ verdict, failed, error }).toEqual({ verdict: 'verified', failed: [], error: null });
});

// https://github.com/databasus/databasus/issues/725: a backup without the positions of sequences, and no error.
test('a sequence that the role may not read is named, and there is no backup', async () => {
  const source = await servers.newDatabase();
  const superuser = servers.source.superuser(source.database);
  await runEach(superuser, ['CREATE SEQUENCE theirs', "SELECT nextval('theirs')"]);
  await runEach(source, ['CREATE TABLE t ()']);
  await expect(servers.takeBackup(source)).rejects.toMatchObject({
    name: 'PgDumpFailed',
    message: expect.stringMatching(
      /^pg_dump: error: failed to get data for sequence "theirs"; user may lack SELECT privilege/,
    ),
  });
});

test.each([
  ['role', (_name: string, user: string) => `ALTER ROLE "${user}" CONNECTION LIMIT 2`],
  ['database', (name: string) => `ALTER DATABASE "${name}" CONNECTION LIMIT 2`],
])('a %s that lets in fewer connections than a backup needs is called so', async (_, limit) => {
  const source = await servers.newDatabase();
  await runEach(source, [rows]);
  await runEach(servers.source.superuser(), [limit(source.database, source.user)]);
  await expect(servers.takeBackup(source)).rejects.toMatchObject({
    name: 'DatabaseUnreachable',
    message: expect.stringMatching(/too many connections for (role|database)/),
  });
});
