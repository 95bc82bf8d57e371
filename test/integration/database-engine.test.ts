import { withConnection } from '../../shared/database/postgres/connect.ts';
import { postgresEngine } from '../../shared/database/postgres/postgres-engine.ts';
import { describeEngine } from '../contract/engine.ts';
import { accessOf, newDatabase, run, scratchServer, unique } from './support/servers.ts';

describeEngine('PostgreSQL', () => ({
  engine: postgresEngine,
  async newSource() {
    const database = await newDatabase();
    await run(
      database,
      `CREATE TABLE contacts (id serial PRIMARY KEY, email text);
       INSERT INTO contacts (email) VALUES ('a@b'), ('c@d'), ('e@f')`,
    );
    return accessOf(database);
  },
  async addContact(access) {
    await withConnection(access, 'test', (client) =>
      client.query("INSERT INTO public.contacts VALUES (4, 'new@contact')"),
    );
  },
  scratchServer,
  unreachable: { ...scratchServer, dbname: `missing_${unique()}` },
  queries: {
    countsContacts: 'SELECT count(*) FROM contacts',
    refused: 'SELECT lost FROM contacts',
  },
}));
