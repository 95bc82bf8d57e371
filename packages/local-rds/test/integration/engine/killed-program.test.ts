import { execFile } from 'node:child_process';
import { readdir, readlink, rm } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Engine } from '../../../engine/engine.ts';
import { openEngine } from '../../../engine/open-engine.ts';
import { findCorruption } from '../../support/engine/load.ts';
import { column, folderForTest, MASTER, on, value } from '../../support/engine/open-engine.ts';

// Servers start and stop in them; a busy machine takes its time.
vi.setConfig({ testTimeout: 120_000 });

let top: string;
let folder: string;
let engine: Engine;

beforeAll(async () => {
  top = await folderForTest();
  folder = path.join(top, 'engine');
  engine = await openEngine({ folder });
  const source = await engine.createCluster({ id: 'source', master: MASTER, database: 'app' });
  await on(source, async (client) => {
    await client.query('CREATE TABLE kept (n int PRIMARY KEY, text text)');
    await client.query("INSERT INTO kept SELECT i, repeat('x', 1000) FROM generate_series(1, 5000) i");
  });
  await source.baseBackup({ folder: `${folder}-base` });
  await on(source, (client) => client.query("INSERT INTO kept VALUES (0, 'later')"));
  await source.archive.advance();
  await engine.close();
});
afterAll(async () => {
  await rm(top, { recursive: true, force: true });
});
/** Back to the source and its backup alone. */
afterEach(async () => {
  for (const id of await engine.list()) if (id !== 'source') await (await engine.open(id)).delete();
  await rm(`${folder}-new`, { recursive: true, force: true });
  await engine.close();
});

async function killProgram(operation: string, sign: string): Promise<void> {
  const program = path.join(import.meta.dirname, '..', '..', 'support', 'engine', 'killed-program.ts');
  const death = await new Promise<{ signal?: string | null; stderr: string }>((resolve) => {
    execFile(process.execPath, [program, folder, operation, sign], (error, _, stderr) =>
      resolve({ signal: error?.signal ?? null, stderr }),
    );
  });
  expect(death, death.stderr).toMatchObject({ signal: 'SIGKILL' });
}

/** Runs the program to its death, then opens the engine again, as the next start does. */
async function killedWhile(operation: string, sign: string): Promise<Engine> {
  await killProgram(operation, sign);
  engine = await openEngine({ folder });
  // The source's server outlived its program in every case.
  expect(engine.swept.processes).toBeGreaterThan(0);
  expect(await processesIn(top)).toEqual([]);
  return engine;
}

/** Working folders of processes that run below a folder. */
async function processesIn(below: string): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const folders = await Promise.all(pids.map((pid) => readlink(`/proc/${pid}/cwd`).catch(() => '')));
  return folders.filter((at) => at.startsWith(below));
}

async function expectSourceWhole(opened: Engine): Promise<void> {
  const source = await opened.open('source');
  await source.start();
  expect(await value(source, 'SELECT count(*)::int FROM kept')).toBe(5001);
  expect(await findCorruption(source)).toEqual([]);
  await source.archive.advance();
  const kept = await source.asAdmin((client) => client.query('SELECT slot_name FROM pg_replication_slots'));
  const followers = (await opened.list()).filter((id) => id === 'promoted');
  expect(kept.rows, 'the source keeps no WAL for a replica that is not there').toHaveLength(followers.length);
}

const made = (name: string) => path.join(folder, 'clusters', 'new', name);

describe('a program that is killed in the middle', () => {
  test.each([
    ['create', 'of laying out a cluster', () => made('data/global')],
    ['create', 'of starting a cluster', () => made('data/postmaster.pid')],
    ['restore', 'of laying out a backup', () => made('data/global')],
    ['restore', 'of the recovery of a backup', () => made('data/postmaster.pid')],
    ['point-in-time', 'of replaying an archive', () => made('data/postmaster.pid')],
    ['point-in-time', 'of leaving recovery', () => made('data/pg_wal/00000002.history')],
    ['replica', 'of copying a source', () => made('data/global')],
    ['replica', 'of starting a replica', () => made('data/postmaster.pid')],
  ])('%s: %s, leaves no cluster, and it can be made again', async (operation, _, sign) => {
    const opened = await killedWhile(operation, sign());

    expect(opened.swept.clusters).toEqual(['new']);
    expect(await opened.list()).toEqual(['source']);
    expect(await readdir(path.join(folder, 'clusters'))).toEqual(['source']);
    expect(await readdir(path.join(folder, 'archives'))).toHaveLength(1);
    await expectSourceWhole(opened);
    const from = await opened.readBackup(`${folder}-base`);
    const archive = (await opened.open('source')).archive.folder;
    const again = await opened.restoreToPointInTime({ id: 'new', from, archive, target: 'latest' });
    expect(await value(again, 'SELECT count(*)::int FROM kept')).toBe(5001);
  });

  test.each(['backup', 'copy'])('of a %s leaves no backup, and it can be made again', async (operation) => {
    const opened = await killedWhile(operation, `${folder}-new.partial/data/global`);

    await expect(opened.readBackup(`${folder}-new`)).rejects.toMatchObject({ name: 'BackupNotFound' });
    await expectSourceWhole(opened);
    const source = await opened.open('source');
    const backup = await source.baseBackup({ folder: `${folder}-new` });
    await opened.verifyBackup(backup);
    expect(await readdir(top)).toEqual(['engine', 'engine-base', 'engine-new']);
  });

  test('of archiving leaves an archive without a half segment, which goes on', async () => {
    const [archive = ''] = await readdir(path.join(folder, 'archives'));
    const archived = await readdir(path.join(folder, 'archives', archive));
    const last = archived
      .filter((name) => /^[0-9A-F]{24}$/.test(name))
      .sort()
      .at(-1);
    const soon = (BigInt(`0x${last}`) + 3n).toString(16).toUpperCase().padStart(24, '0');
    const opened = await killedWhile('archive', path.join(folder, 'archives', archive, soon));
    await expectSourceWhole(opened);
    const source = await opened.open('source');
    const from = await opened.readBackup(`${folder}-base`);
    const restored = await opened.restoreToPointInTime({
      id: 'new',
      from,
      archive: source.archive.folder,
      target: 'latest',
    });
    expect(await column(restored, 'SELECT text FROM kept WHERE n = 0')).toEqual(['later']);
  });

  test('of promoting a replica leaves a replica that follows or a cluster that is written to', async () => {
    const data = path.join(folder, 'clusters', 'promoted', 'data');
    const opened = await killedWhile('promote', path.join(data, 'pg_wal', '00000002.history'));
    await expectSourceWhole(opened);
    const promoted = await opened.open('promoted');
    await promoted.start();
    expect(await value(promoted, 'SELECT pg_is_in_recovery()')).toBe(promoted.replica !== null);
    expect(await value(promoted, 'SELECT count(*)::int FROM kept')).toBe(5001);
  });

  test('of deleting a cluster leaves none, and its processes and archive are gone', async () => {
    const before = path.join(folder, 'clusters', 'source', 'data', 'postmaster.pid');
    await killProgram('delete', `-${before}`);
    engine = await openEngine({ folder });

    expect(await engine.list()).toEqual([]);
    expect(await readdir(path.join(folder, 'archives'))).toEqual([]);
    expect(await processesIn(top)).toEqual([]);
    const from = await engine.readBackup(`${folder}-base`);
    const restored = await engine.restoreFromBackup({ id: 'source', from });
    expect(await value(restored, 'SELECT count(*)::int FROM kept')).toBe(5000);
  });

  test('of deleting a backup leaves no half of one', async () => {
    const opened = await killedWhile('delete-backup', `-${folder}-base`);
    await expect(opened.readBackup(`${folder}-base`)).rejects.toMatchObject({ name: 'BackupNotFound' });
  });
});
