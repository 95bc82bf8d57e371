import { expect, test } from 'vitest';
import { useServers } from '../databases/servers.ts';
import { fieldCase } from '../field-case.ts';

const servers = useServers();

fieldCase('A20', async (now) => {
  const { verdict, reason, manifest } = await servers.backUpAndRestore({
    statements: [
      'CREATE TABLE t (a int, b int GENERATED ALWAYS AS (10 / a) VIRTUAL)',
      'INSERT INTO t (a) VALUES (0), (5)',
    ],
  });
  now(`${verdict}: ${reason}`);
  expect(verdict, reason).toBe('verified');
  expect(manifest.tables.find(({ name }) => name === 't')).toMatchObject({ columns: ['a'], rows: '2' });
});

test('beside a stored column, text rows and partitions, a virtual column that raises is not read', async () => {
  const { verdict, reason } = await servers.backUpAndRestore({
    rows: 'text',
    statements: [
      `CREATE TABLE t (v int GENERATED ALWAYS AS (10 / a) VIRTUAL, a int, s int GENERATED ALWAYS AS (a + 1) STORED,
        w text GENERATED ALWAYS AS ('w' || sqrt(a - 1)) VIRTUAL) PARTITION BY RANGE (a)`,
      'CREATE TABLE low PARTITION OF t FOR VALUES FROM (0) TO (10)',
      'INSERT INTO t (a) VALUES (0), (5)',
      'CREATE TABLE only_virtual (v int GENERATED ALWAYS AS (7) VIRTUAL)',
      'INSERT INTO only_virtual DEFAULT VALUES',
    ],
  });
  expect(verdict, reason).toBe('verified');
});
