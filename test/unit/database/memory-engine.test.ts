import { describeEngine } from '../../contract/engine.ts';
import { contactsDatabase } from './memory-database.ts';
import { memoryServer } from './memory-engine.ts';

describeEngine('the engine in memory', () => {
  const server = memoryServer();
  let sources = 0;
  const contacts = 'SELECT count(*) FROM contacts';
  server.answers.set(contacts, ({ tables }) => [
    [tables.find(({ name }) => name === 'contacts')?.rows.length],
  ]);
  return {
    engine: server.engine,
    newSource: async () => server.add(`source_${sources++}`, contactsDatabase()),
    async addContact({ dbname }) {
      const table = server.databases.get(dbname)?.tables.find(({ name }) => name === 'contacts');
      table?.rows.push(`${table.rows.length + 1}\tnew@contact`);
    },
    scratchServer: server.access('postgres'),
    newRoleCreator: async () => server.access('postgres'),
    unreachable: server.access('missing'),
    queries: { countsContacts: contacts, refused: 'SELECT lost FROM contacts' },
  };
});
