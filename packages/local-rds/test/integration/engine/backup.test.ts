import { appendFile, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { parseManifest } from '../../../engine/backup/manifest.ts';
import type { BaseBackup, Cluster } from '../../../engine/engine.ts';
import { findCorruption, makeAccounts, startLoad, TOTAL } from '../../support/engine/load.ts';
import {
  column,
  connect,
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
let quiet: BaseBackup;

beforeAll(async () => {
  made = await engineForTest();
  source = await made.cluster('source');
  await on(source, async (client) => {
    await client.query('CREATE TABLE markers (n int PRIMARY KEY)');
    await client.query('INSERT INTO markers VALUES (1)');
    await client.query('CREATE UNLOGGED TABLE sketches AS SELECT 1 AS n');
  });
  quiet = await source.baseBackup({ folder: made.at('quiet') });
});
afterAll(() => made.close());

describe('a base backup', () => {
  test('restores to a cluster that is as its source was, and goes its own way from there', async () => {
    await on(source, (client) => client.query('INSERT INTO markers VALUES (2)'));
    const restored = await made.engine.restoreFromBackup({ id: 'restored', from: quiet });

    expect(await column(restored, 'SELECT n FROM markers')).toEqual([1]);
    expect(await column(restored, 'SELECT n FROM sketches')).toEqual([]);
    await on(restored, (client) => client.query('INSERT INTO markers VALUES (3)'));
    expect(await column(source, 'SELECT n FROM markers ORDER BY n')).toEqual([1, 2]);
    expect(await value(restored, 'SELECT timeline_id FROM pg_control_checkpoint()')).toBe(2);
    await restored.stop();
    await restored.start();
    expect(await column(restored, 'SELECT n FROM markers ORDER BY n')).toEqual([1, 3]);
    await restored.delete();
  });

  test('restores with the password of then, and with parameters of its own', async () => {
    const restored = await made.engine.restoreFromBackup({
      id: 'with-parameters',
      from: quiet,
      parameters: { max_connections: '20' }, // fewer than the source had
    });

    await (await connect(restored, MASTER)).end();
    expect(await value(restored, 'SHOW max_connections')).toBe('20');
    await restored.delete();
  });

  test('is read again from its folder, and found to be whole', async () => {
    expect(await made.engine.readBackup(quiet.folder)).toEqual(quiet);
    await made.engine.verifyBackup(quiet);
    const manifest = parseManifest(
      await readFile(path.join(quiet.folder, 'data', 'backup_manifest'), 'utf8'),
    );
    expect(manifest).toMatchObject({ systemIdentifier: quiet.systemIdentifier, stopLsn: quiet.stopLsn });
    await expect(made.engine.readBackup(made.at('nothing'))).rejects.toMatchObject({
      name: 'BackupNotFound',
    });
    await expect(source.baseBackup({ folder: quiet.folder })).rejects.toMatchObject({ name: 'BackupExists' });
  });

  test('holds no settings, keys or passwords of its cluster', async () => {
    const names = await readdir(path.join(quiet.folder, 'data'), { recursive: true });
    expect(names.filter((name) => /\.(?:key|crt|signal)$|postmaster\.pid/.test(name))).toEqual([]);
  });

  test('outlives its cluster, and a copy outlives the original', async () => {
    const short = await made.cluster('short-lived');
    await on(short, (client) => client.query('CREATE TABLE kept AS SELECT 42 AS n'));
    const original = await short.baseBackup({ folder: made.at('original') });
    await short.delete();
    const copy = await made.engine.copyBackup(original, made.at('copy'));
    const file = path.join('data', 'PG_VERSION');
    const [one, two] = await Promise.all([original, copy].map(({ folder }) => stat(path.join(folder, file))));
    expect(two?.ino, 'a hard link where the file system has them').toBe(one?.ino);
    await made.engine.deleteBackup(original);

    await made.engine.verifyBackup(copy);
    const restored = await made.engine.restoreFromBackup({ id: 'from-copy', from: copy });
    expect(await column(restored, 'SELECT n FROM kept')).toEqual([42]);
    await restored.delete();
  });

  test('taken under load is whole, verified against its manifest and, restored, free of corruption', async () => {
    await makeAccounts(source);
    const load = await startLoad(source);
    await load.more(50);
    const before = load.acknowledged.length;
    const backup = await source.baseBackup({ folder: made.at('under-load') });
    await load.more(1);
    await load.stop();
    await made.engine.verifyBackup(backup);

    const restored = await made.engine.restoreFromBackup({ id: 'loaded', from: backup });
    expect(await value(restored, 'SELECT sum(balance)::int FROM accounts')).toBe(TOTAL);
    const transfers = Number(await value(restored, 'SELECT count(*) FROM transfers'));
    expect(transfers).toBeGreaterThanOrEqual(before);
    expect(await findCorruption(restored)).toEqual([]);
    await restored.delete();
  });

  test('of a cluster that cannot archive is whole too', async () => {
    await source.archive.fill(true);
    const backup = await source.baseBackup({ folder: made.at('no-archive') });
    await source.archive.fill(false);

    await made.engine.verifyBackup(backup);
    const restored = await made.engine.restoreFromBackup({ id: 'no-archive', from: backup });
    expect(await column(restored, 'SELECT n FROM markers ORDER BY n')).toEqual([1, 2]);
    await restored.delete();
  });

  test('that is aborted leaves nothing', async () => {
    const controller = new AbortController();
    const taking = source.baseBackup({ folder: made.at('aborted'), signal: controller.signal });
    controller.abort(new Error('not wanted'));
    await expect(taking).rejects.toThrow('not wanted');
    expect((await readdir(made.folder)).filter((name) => name.startsWith('aborted'))).toEqual([]);
  });
});

describe('a damaged base backup', () => {
  const aTable = async (folder: string) => {
    const files = await readdir(path.join(folder, 'data', 'base'), { recursive: true });
    return path.join(folder, 'data', 'base', files.filter((file) => /\/\d+$/.test(file)).sort()[0] ?? '');
  };
  const damages: [string, (folder: string) => Promise<void>, RegExp][] = [
    [
      'a flipped bit',
      async (folder) => {
        const file = await aTable(folder);
        const bytes = await readFile(file);
        bytes.writeUInt8(bytes.readUInt8(100) ^ 1, 100);
        await rm(file); // its copies are links to the same file
        await writeFile(file, bytes);
      },
      /other content/,
    ],
    ['a missing file', async (folder) => rm(await aTable(folder)), /is missing/],
    [
      'a missing WAL segment',
      async (folder) => {
        const wal = path.join(folder, 'data', 'pg_wal');
        const segment = (await readdir(wal)).find((name) => /^[0-9A-F]{24}$/.test(name)) ?? '';
        await rm(path.join(wal, segment));
      },
      /pg_wal\/[0-9A-F]{24} is missing/,
    ],
    ['an added file', (folder) => writeFile(path.join(folder, 'data', 'base', 'new'), ''), /not part of it/],
    [
      'a cut file',
      async (folder) => {
        const file = await aTable(folder);
        const bytes = await readFile(file);
        await rm(file);
        await writeFile(file, bytes);
        await truncate(file, bytes.length - 1);
      },
      /bytes instead of/,
    ],
    [
      'a changed manifest',
      async (folder) => {
        const file = path.join(folder, 'data', 'backup_manifest');
        const text = await readFile(file, 'utf8');
        await rm(file);
        await writeFile(file, text.replace('"Size": ', '"Size": 1'));
      },
      /manifest cannot be trusted/,
    ],
    [
      'a cut manifest',
      async (folder) => {
        const file = path.join(folder, 'data', 'backup_manifest');
        const text = await readFile(file, 'utf8');
        await rm(file);
        await appendFile(file, text.slice(0, 1000));
      },
      /manifest cannot be trusted/,
    ],
  ];

  test.each(damages)('with %s is not restored', async (_, damage, finding) => {
    const copy = await made.engine.copyBackup(quiet, made.at('damaged'));
    await damage(copy.folder);

    const damaged = { name: 'BackupDamaged', message: finding };
    await expect(made.engine.verifyBackup(copy)).rejects.toMatchObject(damaged);
    await expect(made.engine.restoreFromBackup({ id: 'never', from: copy })).rejects.toMatchObject(damaged);
    expect(await made.engine.list()).not.toContain('never');
    await made.engine.deleteBackup(copy);
    await made.engine.verifyBackup(quiet);
  });
});
