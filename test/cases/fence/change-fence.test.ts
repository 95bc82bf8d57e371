import { expect, test } from 'vitest';
import { systemClock } from '../../../shared/clock/clock.ts';
import { createChangeFence } from '../../../shared/lease/change-fence.ts';
import { readNote } from '../../../shared/lease/lease-note.ts';
import { createRenewLease } from '../../../shared/lease/renew-lease.ts';
import type { FENCE_CHANGES } from '../../../shared/lease/step-answers.ts';
import { milliseconds } from '../../../shared/plan/values/duration.ts';
import { memoryLocks, type StoredLock } from '../../unit/locks/memory-locks.ts';
import { answerTo, newDatabase, session, tables, useServer, withFence } from './server.ts';

const started = useServer();
const NAME = 'writer#shop/main';

async function fencedShop() {
  const database = await newDatabase(started.server, 'CREATE TABLE orders (id int)');
  const store = new Map<string, StoredLock>();
  const locks = memoryLocks(systemClock, store);
  const change = (wanted: (typeof FENCE_CHANGES)[number]) =>
    withFence(database, (one) =>
      createChangeFence(locks, one)(wanted, {
        workload: 'shop',
        database: 'main',
        owner: 'us-east-1',
        lease: {
          tables: ['orders'],
          valid: milliseconds(60_000),
          renewEvery: milliseconds(10_000),
          longestTransaction: milliseconds(10_000),
        },
      }),
    );
  const renew = () =>
    withFence(database, (one) =>
      createRenewLease(
        locks,
        one,
      )({
        name: NAME,
        owner: 'us-east-1',
        note: { validMs: 60_000, gaps: [] },
      }),
    );
  return { database, locks, change, renew };
}

test('a fence is shown, installed, tried, ended by a failover, lifted and removed, each also twice', async () => {
  const { database, locks, change, renew } = await fencedShop();
  expect(await change('show')).toMatchObject({ installed: false, gaps: ['the fence is not installed'] });
  expect(await renew()).toEqual({ outcome: 'no fence' });
  const { statements } = await change('statements');
  expect(statements.join(';')).toContain('CREATE TRIGGER lifeboat_lease BEFORE');
  expect(await change('show')).toMatchObject({ installed: false });
  for (let times = 0; times < 2; times += 1)
    expect(await change('install')).toMatchObject({
      installed: true,
      gaps: [],
      lease: { state: 'running' },
    });
  expect((await change('try')).trials).toMatchObject([{ table: 'public.orders', outcome: 'accepted' }]);
  expect(await renew()).toMatchObject({ outcome: 'renewed' });

  const reserved = await locks.reserve(NAME, 'failover-1');
  expect(reserved.reserved && readNote(reserved.last?.note)).toEqual({ validMs: 60_000, gaps: [] });
  expect(await renew()).toEqual({ outcome: 'taken', by: 'failover-1' });
  await expect(change('install')).rejects.toMatchObject({ name: 'LeaseTaken' });
  await withFence(database, (one) => one.end());
  expect((await change('try')).trials).toMatchObject([
    { table: 'public.orders', outcome: 'refused by the lease' },
  ]);

  for (let times = 0; times < 2; times += 1)
    expect(await change('lift')).toMatchObject({ lease: { state: 'lifted' } });
  const client = await session(database);
  expect(await answerTo(client, 'INSERT INTO orders VALUES (1)')).toBe('ok');
  for (let times = 0; times < 2; times += 1)
    expect(await change('remove')).toMatchObject({ installed: false, lease: null });
  expect(await answerTo(client, 'INSERT INTO orders VALUES (2)')).toBe('ok');
  const { rows } = await client.query("SELECT tgname FROM pg_trigger WHERE tgname LIKE 'lifeboat%'");
  expect(rows).toEqual([]);
  await client.end();
});

test('the statements that are printed install it, run by hand', async () => {
  const { database, change } = await fencedShop();
  const { statements } = await change('statements');
  const client = await session(database);
  for (const sql of ['BEGIN', ...statements, 'COMMIT']) await client.query(sql);
  await client.end();
  expect(await change('show')).toMatchObject({ installed: true, gaps: [], lease: { state: 'running' } });
});

test.each([
  [
    'a trigger was dropped',
    'DROP TRIGGER lifeboat_lease_row ON orders',
    'public.orders lacks the trigger lifeboat_lease_row',
  ],
  [
    'a trigger was disabled',
    'ALTER TABLE orders DISABLE TRIGGER lifeboat_lease',
    'the trigger lifeboat_lease of public.orders is disabled',
  ],
  [
    'a trigger fires no longer always',
    'ALTER TABLE orders ENABLE TRIGGER lifeboat_lease',
    'the trigger lifeboat_lease of public.orders is off in sessions with session_replication_role = replica',
  ],
  [
    'the check of commits is gone',
    'DROP TRIGGER lifeboat_lease_at_commit ON lifeboat.commits',
    'commits are not checked: lifeboat.commits lacks its trigger',
  ],
  [
    'a check was replaced',
    'CREATE OR REPLACE FUNCTION lifeboat.check_commit() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN NULL; END$$',
    'the function lifeboat.check_commit() is not the one of this version of Lifeboat',
  ],
  [
    'the table was dropped',
    'DROP TABLE orders',
    'the lease of the plan names public.orders, which is not in the database',
  ],
  // As a load of a dump makes it: the lease has another OID there.
  [
    'it is a copy by dump and restore',
    'ALTER SEQUENCE lifeboat.lease_end RENAME TO old; CREATE SEQUENCE lifeboat.lease_end MINVALUE 0 START 0',
    'the check is not bound to the lease of this database, as in a copy made by dump and restore: nothing is refused here',
  ],
])('a gap is named: %s', async (_, sql, gap) => {
  const { database, change } = await fencedShop();
  await change('install');
  const client = await session(database);
  await client.query(sql);
  await client.end();
  expect((await change('show')).gaps).toContain(gap);
});

test('a login that owns no table, a view, and prepared transactions are refused with the next step', async () => {
  const { database } = await fencedShop();
  const until = new Date(Date.now() + 60_000);
  const other = await started.server.createRole({ name: `guest_${database.user}`, createDatabases: false });
  const client = await session(started.server.superuser(database.database));
  await client.query(
    `GRANT CREATE ON DATABASE ${database.database} TO ${other.user}; CREATE VIEW public.seen AS SELECT 1`,
  );
  await client.end();
  await expect(
    withFence({ ...other, database: database.database }, (one) => one.install(tables('orders'), until)),
  ).rejects.toMatchObject({ name: 'FenceRefused', hint: expect.stringContaining('owner of the tables') });
  await expect(withFence(database, (one) => one.install(tables('seen'), until))).rejects.toMatchObject({
    name: 'FenceRefused',
    message: expect.stringContaining('public.seen: not a table'),
  });
  await expect(withFence(database, (one) => one.install(tables('nowhere'), until))).rejects.toMatchObject({
    message: expect.stringContaining('public.nowhere, which is not in the database'),
  });
});
