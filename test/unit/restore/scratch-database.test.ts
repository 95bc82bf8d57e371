import { describe, expect, test } from 'vitest';
import { scratchName } from '../../../shared/restore/scratch.ts';
import { scratchDatabases } from '../../../shared/restore/scratch-database.ts';
import { describeScratch } from '../../contract/scratch.ts';
import { contactsDatabase, traits } from '../database/memory-database.ts';
import { memoryServer } from '../database/memory-engine.ts';

describeScratch('a database of the engine in memory', () => {
  const server = memoryServer();
  const identities = new WeakMap<object, string>();
  const find = (name: string) => {
    const database = server.databases.get(name);
    if (!database) throw new Error(`there is no database "${name}"`);
    return database;
  };
  return {
    scratch: scratchDatabases(server.engine.scratchServers, server.access('postgres')),
    like: traits,
    otherLike: { ...traits, collate: 'de_DE.UTF-8' },
    exists: async (name) => server.databases.has(name),
    async identity(name) {
      const database = find(name);
      const identity = identities.get(database) ?? Math.random().toString();
      identities.set(database, identity);
      return identity;
    },
    async fill(name) {
      find(name).tables.push(...contactsDatabase().tables);
    },
    isEmpty: async (name) => find(name).tables.length === 0,
    async forge(name, comment) {
      server.add(name, { comment });
    },
    async remove(name) {
      server.databases.delete(name);
    },
  };
});

describe('the name of a scratch database', () => {
  test('is the same for every attempt of a run, and another for another run', () => {
    expect(scratchName('restore-test-20261005')).toBe('lifeboat_scratch_133a0cbbeb7aacdb');
    expect(scratchName('restore-test-20261006')).not.toBe(scratchName('restore-test-20261005'));
  });

  test.each(['', 'x'.repeat(80), '"; DROP DATABASE mailblast; --', 'ünïcode/../..'])(
    'of the run %j needs no quotes and fits into 63 bytes',
    (runId) => {
      expect(scratchName(runId)).toMatch(/^lifeboat_scratch_[0-9a-f]{16}$/);
    },
  );
});
