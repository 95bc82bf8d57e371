import { readdir } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { BaseBackup, Cluster } from '../../../engine/engine.ts';
import { findCorruption, makeAccounts, startLoad, TOTAL } from '../../support/engine/load.ts';
import { column, engineForTest, on, type TestEngine, value } from '../../support/engine/open-engine.ts';

// Servers start and stop in them; a busy machine takes its time.
vi.setConfig({ testTimeout: 120_000 });

let made: TestEngine;
let cluster: Cluster;
let backup: BaseBackup;

beforeAll(async () => {
  made = await engineForTest();
  cluster = await made.cluster('faulty');
  await makeAccounts(cluster);
  await on(cluster, (client) => client.query('CREATE TABLE markers (n int PRIMARY KEY)'));
  backup = await cluster.baseBackup({ folder: made.at('base') });
});
afterAll(() => made.close());
beforeEach(() => on(cluster, (client) => client.query('TRUNCATE transfers, markers')));

describe('a server that is killed', () => {
  test('under load has lost no transfer that it acknowledged when it is started again', async () => {
    for (let round = 1; round <= 3; round += 1) {
      const load = await startLoad(cluster);
      await load.more(100);
      const ended = cluster.ended();
      await cluster.kill();
      await load.stop();
      expect(await ended).toMatchObject({ expected: true });
      expect(cluster.running()).toBe(false);

      await cluster.start();
      const kept = new Set((await column(cluster, 'SELECT number FROM transfers')).map(Number));
      expect(load.acknowledged.filter((number) => !kept.has(number))).toEqual([]);
      expect(await value(cluster, 'SELECT sum(balance)::int FROM accounts')).toBe(TOTAL);
      expect(await findCorruption(cluster)).toEqual([]);
      await on(cluster, (client) => client.query('TRUNCATE transfers'));
    }
  });

  test('by somebody else is reported as not expected, and can be started again', async () => {
    const { rows } = await cluster.asAdmin((client) =>
      client.query("SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1)::int AS pid"),
    );
    const ended = cluster.ended();
    process.kill(rows[0].pid, 'SIGKILL');

    expect(await ended).toEqual({ expected: false, reason: 'signal SIGKILL' });
    await expect(cluster.asAdmin(async () => {})).rejects.toMatchObject({ name: 'ClusterNotRunning' });
    await cluster.start();
    expect(await value(cluster, 'SELECT sum(balance)::int FROM accounts')).toBe(TOTAL);
  });

  test('while it starts does not come up afterwards', async () => {
    await cluster.stop();
    const [one, two] = [cluster.start(), cluster.start()];
    const ends = Promise.allSettled([one, two]);
    await cluster.kill();

    for (const end of await ends) expect(end).toMatchObject({ reason: { name: 'StartEnded' } });
    expect(cluster.running()).toBe(false);
    await Promise.all([cluster.start(), cluster.start()]);
    expect(await value(cluster, 'SELECT sum(balance)::int FROM accounts')).toBe(TOTAL);
  });

  test('between two writes to the archive leaves an archive that restores', async () => {
    await on(cluster, (client) => client.query('INSERT INTO markers VALUES (1)'));
    const advancing = cluster.archive.advance().catch(() => 'killed');
    await cluster.kill();
    await advancing;
    await cluster.start();
    await cluster.archive.advance();

    const restored = await made.engine.restoreToPointInTime({
      id: 'after-kill',
      from: backup,
      archive: cluster.archive.folder,
      target: 'latest',
    });
    expect(await column(restored, 'SELECT n FROM markers')).toEqual([1]);
    await restored.delete();
  });
});

describe('a full disk', () => {
  const insert = `INSERT INTO accounts SELECT i, 0, repeat('x', 1000) FROM generate_series(100001, 100500) i`;

  test("fails writes with PostgreSQL's own error, lets reads go on, and ends when there is room", async () => {
    await cluster.fillStorage(true);
    await on(cluster, async (client) => {
      await expect(client.query(insert)).rejects.toMatchObject({
        code: '53100',
        message: expect.stringMatching(/could not extend file "base\/.*": No space left on device/),
      });
      await expect(client.query('CREATE TABLE more AS SELECT * FROM accounts')).rejects.toMatchObject({
        code: '53100',
      });
      expect((await client.query('SELECT sum(balance)::int AS sum FROM accounts')).rows).toEqual([
        { sum: TOTAL },
      ]);

      await cluster.fillStorage(false);
      await client.query(insert);
      await client.query('DELETE FROM accounts WHERE id > 100000');
    });
    expect(await findCorruption(cluster)).toEqual([]);
  });

  test('is still full after a restart, which it does not prevent', async () => {
    await cluster.fillStorage(true);
    await cluster.kill();
    await cluster.start();
    await expect(on(cluster, (client) => client.query(insert.repeat(1)))).rejects.toMatchObject({
      code: '53100',
    });
    await cluster.fillStorage(false);
    expect(await value(cluster, 'SELECT sum(balance)::int FROM accounts')).toBe(TOTAL);
  });

  test('under the archive stops what can be restored, not what can be written, and leaves no half segment', async () => {
    await cluster.archive.advance();
    const reached = await cluster.archive.latestRestorableTime();
    await cluster.archive.fill(true);
    await on(cluster, (client) => client.query('INSERT INTO markers VALUES (1)'));

    await expect(cluster.archive.advance()).rejects.toMatchObject({
      name: 'ArchiveStuck',
      message: expect.stringContaining('No space left on device'),
    });
    expect(await cluster.archive.failure()).toMatch(/No space left on device/);
    expect(await cluster.archive.latestRestorableTime()).toEqual(reached);
    await cluster.kill();
    await cluster.archive.fill(false);
    await cluster.start();
    await cluster.archive.advance();
    expect(await cluster.archive.failure()).toBeNull();
    expect((await readdir(cluster.archive.folder)).filter((name) => name.startsWith('archtemp'))).toEqual([]);
    const restored = await made.engine.restoreToPointInTime({
      id: 'with-room',
      from: backup,
      archive: cluster.archive.folder,
      target: 'latest',
    });
    expect(await column(restored, 'SELECT n FROM markers')).toEqual([1]);
    await restored.delete();
  });
});

describe('a flipped byte', () => {
  test('is found by the checksum of its page at the next read, and is not in an earlier backup', async () => {
    const rotten = await made.engine.restoreFromBackup({ id: 'rotten', from: backup });
    await rotten.flipByte({ database: 'app', table: 'accounts' });

    await expect(value(rotten, 'SELECT sum(balance)::int FROM accounts')).rejects.toMatchObject({
      code: 'XX001',
      message: expect.stringContaining('invalid page in block 0'),
    });
    expect(await value(rotten, 'SELECT count(*)::int FROM markers')).toBe(0);
    await made.engine.verifyBackup(backup);
    await expect(rotten.flipByte({ database: 'app', table: 'markers' })).rejects.toMatchObject({
      name: 'NothingToFlip',
    });
    await rotten.delete();
  });
});
