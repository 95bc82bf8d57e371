import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { serverUser } from 'local-postgres/server-user';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runEach, useServers } from './servers.ts';

const MEBIBYTE = 1024 * 1024;

/** Mounts a file system of that size in a folder. Only root may, and not in every container. */
function mount(folder: string, bytes: number): void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes},mode=0700`, 'tmpfs', folder], { stdio: 'pipe' });
}
const unmount = (folder: string) => execFileSync('umount', ['-l', folder], { stdio: 'pipe' });

function whyNoMount(): string | null {
  const folder = mkdtempSync(path.join(tmpdir(), 'small-disk-'));
  try {
    mount(folder, MEBIBYTE);
    unmount(folder);
    return null;
  } catch (error) {
    return error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const noMount = whyNoMount();

if (noMount !== null)
  test.skip(`a disk that is really full is not tried, because nothing can be mounted here: ${noMount}`);

describe.skipIf(noMount !== null)('a disk of the scratch server that is really full', () => {
  const servers = useServers();
  /** The server's databases, without its write-ahead log: what PostgreSQL does with a full disk is then certain. */
  let base: string;

  beforeAll(async () => {
    base = path.join(servers.scratch.dataFolder, 'base');
    await servers.scratch.stop();
    renameSync(base, `${base}.before`);
    cpSync(`${base}.before`, base, { recursive: true });
    mount(base, 100 * MEBIBYTE);
    cpSync(`${base}.before`, base, { recursive: true });
    const { uid, gid } = serverUser() ?? { uid: 0, gid: 0 };
    execFileSync('chown', ['-R', `${uid}:${gid}`, base]);
    await servers.scratch.start();
  });
  afterAll(async () => {
    await servers.scratch.stop();
    unmount(base);
  });

  test.each([
    [
      'while rows are loaded',
      ['CREATE TABLE t AS SELECT n, repeat(md5(n::text), 30) AS x FROM generate_series(1, 100000) n'],
      /public\.t: could not (extend|write to) file .* \(SQLSTATE 53100; /,
    ],
    [
      'while indexes are built',
      [
        'CREATE TABLE t AS SELECT n, md5(n::text) AS x FROM generate_series(1, 300000) n',
        ...[1, 2, 3, 4, 5, 6].map((each) => `CREATE INDEX ON t (x, n, (n + ${each}))`),
      ],
      /the schema after the rows: .* \(SQLSTATE 53100; INDEX public\.t_/,
    ],
  ])('%s proves nothing of the backup, and is called so', async (_, statements, where) => {
    const { verdict, error } = await servers.backUpAndRestore({ statements });
    const words = error instanceof Error ? error.message : String(error);
    expect(words).toMatch(where);
    expect(words).toContain('suspected: the scratch server, because its disk is full. Next: give it room');
    expect(verdict).toBe('not-proven');
    // The copy was dropped in spite of it, so its room is there for the next one.
    const left = "SELECT datname FROM pg_database WHERE datname LIKE 'lifeboat%'";
    expect(await runEach(servers.scratch.superuser(), [left])).toEqual([]);
    const small = await servers.backUpAndRestore({ statements: ['CREATE TABLE t AS SELECT 1 AS n'] });
    expect(small.verdict, small.reason).toBe('verified');
  });
});
