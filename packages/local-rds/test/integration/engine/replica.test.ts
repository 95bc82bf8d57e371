import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import type { Cluster, Replica } from '../../../engine/engine.ts';
import { findCorruption, makeAccounts, startLoad, TOTAL } from '../../support/engine/load.ts';
import { column, engineForTest, on, type TestEngine, value } from '../../support/engine/open-engine.ts';

// Servers start and stop in them; a busy machine takes its time.
vi.setConfig({ testTimeout: 120_000 });

let made: TestEngine;
let source: Cluster;
let copy: Cluster;

beforeAll(async () => {
  made = await engineForTest();
});
afterAll(() => made.close());

beforeEach(async () => {
  source = await made.cluster('source');
  await on(source, (client) => client.query('CREATE TABLE markers (n int PRIMARY KEY)'));
  copy = await made.engine.createReplica({ id: 'copy', source });
});
afterEach(async () => {
  for (const id of await made.engine.list()) await (await made.engine.open(id)).delete();
});

function replicaOf(cluster: Cluster): Replica {
  if (!cluster.replica) throw new Error(`${cluster.id} is no replica`);
  return cluster.replica;
}

const mark = (cluster: Cluster, n: number) =>
  on(cluster, (client) => client.query('INSERT INTO markers VALUES ($1)', [n]));

const slots = (cluster: Cluster) =>
  cluster.asAdmin(async (client) => (await client.query('SELECT 1 FROM pg_replication_slots')).rows.length);

/** Nothing tells when a replica has caught up: it is asked until it has. */
async function caughtUp(cluster: Cluster): Promise<void> {
  const { rows } = await source.asAdmin((client) => client.query('SELECT pg_current_wal_lsn()::text AS lsn'));
  const behind = 'SELECT pg_last_wal_replay_lsn() < $1::pg_lsn AS behind';
  await cluster.asAdmin(async (client) => {
    while ((await client.query(behind, [rows[0].lsn])).rows[0].behind) await sleep(5);
  });
}

test('follows its source, can be read and not written, and names its master user', async () => {
  await mark(source, 1);
  await caughtUp(copy);

  expect(await column(copy, 'SELECT n FROM markers')).toEqual([1]);
  await expect(mark(copy, 2)).rejects.toMatchObject({ code: '25006' });
  expect(copy.master).toBe(source.master);
  expect(await replicaOf(copy).streaming()).toBe(true);
});

test('lags 0 s behind an idle source, and more and more when it is cut off', async () => {
  await mark(source, 1);
  await caughtUp(copy);
  expect(await replicaOf(copy).lagSeconds()).toBe(0);

  await replicaOf(copy).stopStreaming();
  await mark(source, 2);
  expect(await replicaOf(copy).streaming()).toBe(false);
  const first = await replicaOf(copy).lagSeconds();
  const second = await replicaOf(copy).lagSeconds();
  expect(first).toBeGreaterThan(0);
  expect(second).toBeGreaterThan(first);
  expect(await column(copy, 'SELECT n FROM markers')).toEqual([1]);

  await replicaOf(copy).resumeStreaming();
  await caughtUp(copy);
  expect(await column(copy, 'SELECT n FROM markers ORDER BY n')).toEqual([1, 2]);
  expect(await replicaOf(copy).lagSeconds()).toBe(0);
});

test('stays cut off over a restart, and catches up after both were restarted', async () => {
  await replicaOf(copy).stopStreaming();
  await mark(source, 1);
  await copy.stop();
  await copy.start();
  expect(await column(copy, 'SELECT n FROM markers')).toEqual([]);

  await replicaOf(copy).resumeStreaming();
  await source.stop();
  await copy.stop();
  await copy.start();
  await source.start();
  await mark(source, 2);
  await caughtUp(copy);
  expect(await column(copy, 'SELECT n FROM markers ORDER BY n')).toEqual([1, 2]);
});

test('made under load is whole when it is promoted, takes writes, and can be backed up and restored to a moment', async () => {
  await makeAccounts(source);
  const load = await startLoad(source);
  await load.more(20);
  const other = await made.engine.createReplica({ id: 'other', source });
  await load.more(20);
  await load.stop();
  await caughtUp(other);
  await replicaOf(other).promote();

  expect(other.replica).toBeNull();
  expect(await value(other, 'SELECT sum(balance)::int FROM accounts')).toBe(TOTAL);
  expect(await value(other, 'SELECT count(*)::int FROM transfers')).toBe(load.acknowledged.length);
  expect(await findCorruption(other)).toEqual([]);
  await mark(other, 1);
  const backup = await other.baseBackup({ folder: made.at('of-promoted') });
  await mark(other, 2);
  await other.archive.advance();
  const restored = await made.engine.restoreToPointInTime({
    id: 'restored',
    from: backup,
    archive: other.archive.folder,
    target: 'latest',
  });
  expect(await column(restored, 'SELECT n FROM markers ORDER BY n')).toEqual([1, 2]);
});

test('promoted is a cluster as any other, and its source keeps no WAL for it', async () => {
  expect(await slots(source)).toBe(1);
  await replicaOf(copy).promote();
  await mark(copy, 1);
  await mark(source, 2);

  expect(await slots(source)).toBe(0);
  await copy.stop();
  await copy.start();
  expect(await column(copy, 'SELECT n FROM markers')).toEqual([1]);
  expect(await column(source, 'SELECT n FROM markers')).toEqual([2]);
});

test('goes on being read when its source is deleted, and can still be promoted', async () => {
  await mark(source, 1);
  await caughtUp(copy);
  await source.delete();

  expect(await column(copy, 'SELECT n FROM markers')).toEqual([1]);
  await expect(mark(copy, 2)).rejects.toMatchObject({ code: '25006' });
  await copy.stop();
  await copy.start();
  expect(await column(copy, 'SELECT n FROM markers')).toEqual([1]);
  await replicaOf(copy).promote();
  await mark(copy, 3);
});

test('deleted leaves nothing on its source', async () => {
  await copy.delete();
  expect(await slots(source)).toBe(0);
});

test('can be backed up, also while its source writes', async () => {
  await makeAccounts(source);
  const load = await startLoad(source);
  await load.more(20);
  const backup = await copy.baseBackup({ folder: made.at('of-standby') });
  await load.more(20);
  await load.stop();
  await made.engine.verifyBackup(backup);

  const restored = await made.engine.restoreFromBackup({ id: 'restored', from: backup });
  expect(restored.replica).toBeNull();
  expect(await value(restored, 'SELECT coalesce(sum(balance), 0)::int FROM accounts')).toBe(TOTAL);
  expect(await findCorruption(restored)).toEqual([]);
});

test('follows a source of another engine, with fewer connections allowed than the source has', async () => {
  const elsewhere = await engineForTest();
  try {
    await source.setParameters({ max_connections: '150' });
    await source.stop();
    await source.start();
    const far = await elsewhere.engine.createReplica({
      id: 'far',
      source,
      parameters: { max_connections: '60' },
    });
    await mark(source, 1);
    await caughtUp(far);

    expect(await column(far, 'SELECT n FROM markers')).toEqual([1]);
    await source.kill();
    await replicaOf(far).promote();
    await mark(far, 2);
  } finally {
    await elsewhere.close();
  }
});
