import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { BaseBackup, Cluster } from '../../../engine/engine.ts';
import { openEngine } from '../../../engine/open-engine.ts';
import { findCorruption, makeAccounts, startLoad, TOTAL } from '../../support/engine/load.ts';
import {
  column,
  engineForTest,
  MASTER,
  on,
  type TestEngine,
  value,
} from '../../support/engine/open-engine.ts';

// Servers start and stop in them; a busy machine takes its time.
vi.setConfig({ testTimeout: 120_000 });

let made: TestEngine;
let source: Cluster;
let backup: BaseBackup;

beforeAll(async () => {
  made = await engineForTest();
  source = await made.cluster('source');
  await on(source, (client) => client.query('CREATE TABLE markers (n int PRIMARY KEY)'));
  backup = await source.baseBackup({ folder: made.at('base') });
});
afterAll(() => made.close());

const restore = (id: string, target: Date | 'latest', from = backup, archive = source.archive.folder) =>
  made.engine.restoreToPointInTime({ id, from, archive, target });

/** Commits a row, and returns the first whole millisecond after it by the server's clock. */
async function mark(cluster: Cluster, n: number): Promise<Date> {
  return on(cluster, async (client) => {
    await client.query('INSERT INTO markers VALUES ($1)', [n]);
    const now = async () =>
      (await client.query('SELECT extract(epoch FROM clock_timestamp())::float8 * 1000 AS ms')).rows[0].ms;
    const moment = Math.ceil(await now());
    while ((await now()) <= moment);
    return new Date(moment);
  });
}

test('stops exactly between two rows that committed milliseconds apart', async () => {
  const afterFirst = await mark(source, 1);
  const afterSecond = await mark(source, 2);
  const afterThird = await mark(source, 3);
  await source.archive.advance();

  for (const [target, expected] of [
    [afterFirst, [1]],
    [afterSecond, [1, 2]],
    [afterThird, [1, 2, 3]],
  ] as const) {
    const restored = await restore('between', target);
    expect(await column(restored, 'SELECT n FROM markers ORDER BY n')).toEqual(expected);
    await restored.delete();
  }
});

test('reaches the latest restorable time and not a millisecond more', async () => {
  const moment = await mark(source, 4);
  await source.archive.advance();
  const latest = await source.archive.latestRestorableTime();
  if (!latest) throw new Error('the archive holds no commit');

  expect(latest.getTime()).toBeGreaterThanOrEqual(moment.getTime());
  expect(await made.engine.restorableWindow(backup, source.archive.folder)).toEqual({
    earliest: backup.completedAt,
    latest,
  });
  const restored = await restore('reaching', latest);
  expect(await column(restored, 'SELECT n FROM markers ORDER BY n')).toEqual([1, 2, 3, 4]);
  await restored.delete();
  await expect(restore('beyond', new Date(latest.getTime() + 1))).rejects.toMatchObject({
    name: 'TargetBeyondArchive',
    latest,
  });
});

test('is refused for a moment before the backup and for one in the future, before anything is made', async () => {
  const before = new Date(backup.completedAt.getTime() - 1);
  await expect(restore('early', before)).rejects.toMatchObject({
    name: 'TargetBeforeBackup',
    earliest: backup.completedAt,
  });
  await expect(restore('late', new Date(Date.now() + 3_600_000))).rejects.toMatchObject({
    name: 'TargetBeyondArchive',
  });
  expect(await readdir(path.join(made.engine.folder, 'clusters'))).toEqual(['source']);
});

test('does not hold what has not been archived yet', async () => {
  await source.archive.advance();
  const latest = await source.archive.latestRestorableTime();
  await mark(source, 5);

  expect(await source.archive.latestRestorableTime()).toEqual(latest);
  const restored = await restore('unarchived', 'latest');
  expect(await column(restored, 'SELECT n FROM markers ORDER BY n')).toEqual([1, 2, 3, 4]);
  await restored.delete();
});

test('to the latest moment holds everything that a source had archived when it was stopped', async () => {
  await source.stop();
  const restored = await restore('stopped', 'latest');
  await source.start();

  expect(await column(restored, 'SELECT n FROM markers ORDER BY n')).toEqual([1, 2, 3, 4, 5]);
  await restored.delete();
});

test('under load holds the transactions of then, each whole', async () => {
  await makeAccounts(source);
  const load = await startLoad(source);
  await load.more(100);
  const moment = await mark(source, 6);
  await load.more(100);
  await load.stop();
  await source.archive.advance();

  const restored = await restore('loaded', moment);
  expect(await value(restored, 'SELECT sum(balance)::int FROM accounts')).toBe(TOTAL);
  expect(await value(restored, 'SELECT max(n) FROM markers')).toBe(6);
  const [then, now] = await Promise.all(
    [restored, source].map((cluster) => value(cluster, 'SELECT count(*)::int FROM transfers')),
  );
  expect(then).toBeLessThan(now as number);
  expect(await findCorruption(restored)).toEqual([]);
  await restored.delete();
});

test('works again from a restored cluster, on a timeline of its own', async () => {
  const restored = await restore('first-copy', 'latest');
  const second = await restored.baseBackup({ folder: made.at('second-base') });
  await on(restored, (client) => client.query('INSERT INTO markers VALUES (100)'));
  const moment = await mark(restored, 101);
  await mark(restored, 102);
  await restored.archive.advance();

  const again = await restore('second-copy', moment, second, restored.archive.folder);
  expect(await column(again, 'SELECT n FROM markers WHERE n > 99 ORDER BY n')).toEqual([100, 101]);
  expect(await value(again, 'SELECT timeline_id FROM pg_control_checkpoint()')).toBe(3);
  await again.delete();
  await restored.delete();
});

test('comes closer by itself: the archive of an idle cluster goes on at every interval', async () => {
  const often = await openEngine({ folder: made.at('often'), archiveEveryMs: 50 });
  try {
    const idle = await often.createCluster({ id: 'idle', master: MASTER });
    const created = Date.now();
    while (((await idle.archive.latestRestorableTime())?.getTime() ?? 0) < created) await sleep(20);
  } finally {
    await often.close();
  }
});

test('comes closer also where nothing was written since the backup', async () => {
  const idle = await made.cluster('idle-since');
  await on(idle, (client) => client.query('CREATE TABLE markers (n int PRIMARY KEY)'));
  await mark(idle, 1);
  await idle.archive.advance();
  const since = await idle.baseBackup({ folder: made.at('idle-base') });
  await idle.archive.keepUp();
  const { latest } = await made.engine.restorableWindow(since, idle.archive.folder);
  expect(latest.getTime()).toBeGreaterThan(since.completedAt.getTime());
  const restored = await restore('idle-copy', latest, since, idle.archive.folder);
  expect(await column(restored, 'SELECT n FROM markers')).toEqual([1]);
  await restored.delete();
  await idle.delete();
});

test('comes closer and never moves away, also where it is asked while a segment arrives', async () => {
  let writing = true;
  const written = (async () => {
    for (let n = 1_000; n < 1_040; n += 1) {
      await source.archive.keepUp(); // nothing was written since the last segment
      await sleep(20);
      await mark(source, n);
      await source.archive.advance();
    }
  })().finally(() => {
    writing = false;
  });
  const ends: number[] = [];
  while (writing)
    ends.push((await made.engine.restorableWindow(backup, source.archive.folder)).latest.getTime());
  await written;
  expect(ends).toEqual(ends.toSorted((one, other) => one - other));
});

test('takes no archive of another cluster', async () => {
  const stranger = await made.cluster('stranger');
  // As far as the source is, so that a segment of the same name is there.
  await stranger.asAdmin(async (client) => {
    for (let segment = 0; segment < 40; segment += 1) {
      await client.query('SELECT pg_current_xact_id()');
      await client.query('SELECT pg_switch_wal()');
    }
  });
  await stranger.archive.advance();

  await expect(restore('mixed', 'latest', backup, stranger.archive.folder)).rejects.toMatchObject({
    name: 'ArchiveOfAnotherCluster',
  });
  await stranger.delete();
});

test('works from a copy of the archive, which is brought up to date by links, and reaches no further than a gap', async () => {
  const copy = made.at('archive-copy');
  await made.engine.copyArchive(source.archive.folder, copy);
  await source.archive.advance();
  const [original] = [await made.engine.restorableWindow(backup, source.archive.folder)];
  expect((await made.engine.restorableWindow(backup, copy)).latest < original.latest).toBe(true);
  await made.engine.copyArchive(source.archive.folder, copy);
  expect(await made.engine.restorableWindow(backup, copy)).toEqual(original);

  const segments = (await readdir(copy)).filter((name) => /^[0-9A-F]{24}$/.test(name)).sort();
  await rm(path.join(copy, segments.at(-2) ?? ''));
  const { latest } = await made.engine.restorableWindow(backup, copy);
  expect(latest < original.latest).toBe(true);
  await expect(restore('over-the-gap', original.latest, backup, copy)).rejects.toMatchObject({
    name: 'TargetBeyondArchive',
  });
  const restored = await restore('to-the-gap', 'latest', backup, copy);
  expect(await value(restored, 'SELECT count(*)::int FROM markers')).toBeGreaterThan(0);
  await restored.delete();
});
