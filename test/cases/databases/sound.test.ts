import { expect, test } from 'vitest';
import { runEach, useServers } from './servers.ts';

const servers = useServers();

const statements = [
  'CREATE TABLE contacts (id int PRIMARY KEY, email text)',
  "INSERT INTO contacts SELECT n, n || '@example.org' FROM generate_series(1, 1000) n",
];

test('an ordinary database is verified', async () => {
  const { verdict, failed } = await servers.backUpAndRestore({ statements });
  expect(failed).toEqual([]);
  expect(verdict).toBe('verified');
});

test('a row that the copy lost is found', async () => {
  const { verdict, failed } = await servers.backUpAndRestore({
    statements,
    look: async (copy) => {
      await runEach(copy, ['DELETE FROM contacts WHERE id = 500']);
    },
  });
  expect(verdict).toBe('rejected');
  expect(failed.map(({ kind, name }) => [kind, name])).toEqual([['content', 'public.contacts']]);
});
