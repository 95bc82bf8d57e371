import { expect, test } from 'vitest';
import { runEach, useServers } from '../databases/servers.ts';
import { fieldCase } from '../field-case.ts';

const servers = useServers();

const TABLES = 6_000;

fieldCase(
  'A26',
  async (now) => {
    const { verdict, reason, manifest } = await servers.backUpAndRestore({
      statements: [
        `DO $$BEGIN FOR n IN 1..${TABLES} LOOP
           EXECUTE format('CREATE TABLE t%s (id int PRIMARY KEY, v text)', n);
           IF n % 500 = 0 THEN COMMIT; END IF;
         END LOOP; END$$`,
        'INSERT INTO t1 VALUES (1, NULL)',
      ],
    });
    expect(verdict, reason).toBe('verified');
    expect(manifest.tables).toHaveLength(TABLES + 1);
    now('verified: every table is held by one connection, and locks of reading end with each table');
  },
  { timeoutMs: 240_000 },
);

test('more sequences and indexes than the server can lock at once are taken', async () => {
  const source = await servers.newDatabase();
  await runEach(source, [
    'CREATE TABLE t (a int, b int)',
    `DO $$BEGIN FOR n IN 1..10000 LOOP
       EXECUTE format('CREATE SEQUENCE s%s', n);
       IF n % 500 = 0 THEN COMMIT; END IF;
     END LOOP; END$$`,
  ]);
  const manifest = await servers.takeBackup(source);
  expect(manifest.sequences).toHaveLength(10_000);
}, 120_000);

test('more tables than the server can lock at once are refused before any of them is locked', async () => {
  const source = await servers.newDatabase();
  await runEach(source, [
    `DO $$BEGIN FOR n IN 1..6500 LOOP
       EXECUTE format('CREATE TABLE t%s ()', n);
       IF n % 500 = 0 THEN COMMIT; END IF;
     END LOOP; END$$`,
  ]);
  await expect(servers.takeBackup(source)).rejects.toMatchObject({
    name: 'TooManyTables',
    message: expect.stringMatching(
      /6500 tables, its server can lock 6400 at once: max_locks_per_transaction 64/,
    ),
    hint: expect.stringContaining('max_locks_per_transaction to'),
  });
}, 120_000);
