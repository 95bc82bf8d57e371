import type { DatabaseAccess } from '../../shared/database/access.ts';
import { withConnection } from '../../shared/database/postgres/connect.ts';
import { postgresEngine } from '../../shared/database/postgres/postgres-engine.ts';
import { describeBackupMethod } from '../contract/backup-method.ts';
import { describeEngine } from '../contract/engine.ts';
import { logicalUnderTest } from '../contract/logical-under-test.ts';
import { accessOf, aws, newDatabase, run, scratchServer, unique, vault } from './support/servers.ts';

/** A database with three contacts. */
async function newSource(): Promise<DatabaseAccess> {
  const database = await newDatabase();
  await run(
    database,
    `CREATE TABLE contacts (id serial PRIMARY KEY, email text);
     INSERT INTO contacts (email) VALUES ('a@b'), ('c@d'), ('e@f')`,
  );
  return accessOf(database);
}

describeEngine('PostgreSQL', () => ({
  engine: postgresEngine,
  newSource,
  async addContact(access) {
    await withConnection(access, 'test', (client) =>
      client.query("INSERT INTO public.contacts VALUES (4, 'new@contact')"),
    );
  },
  scratchServer,
  async newRoleCreator() {
    const login = await aws.source.createRole({ name: `creator_${unique()}`, createDatabases: true });
    await run(aws.source.superuser(), `ALTER ROLE ${login.user} CREATEROLE`);
    return accessOf(login);
  },
  unreachable: { ...scratchServer, dbname: `missing_${unique()}` },
  queries: {
    countsContacts: 'SELECT count(*) FROM contacts',
    refused: 'SELECT lost FROM contacts',
  },
}));

describeBackupMethod('the logical backup of PostgreSQL into S3', async () => {
  const source = await newSource();
  return logicalUnderTest(vault, postgresEngine.snapshots, source, source.dbname);
});
