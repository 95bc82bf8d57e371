import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { postgresRelease } from 'local-postgres/release';
import { describe, expect, test } from 'vitest';
import type { Entry } from '../../../shared/database/postgres/archive/entry.ts';
import { readArchive } from '../../../shared/database/postgres/archive/read-archive.ts';
import { runPgDump } from '../../../shared/database/postgres/pg-dump/run-pg-dump.ts';
import { RARE_SCHEMA } from '../../integration/support/rare-schema.ts';
import { accessOf, runEach, useServers } from './servers.ts';

const run = promisify(execFile);
const signal = new AbortController().signal;
const servers = useServers();

/** Runs a program of a whole PostgreSQL release on a database, without a password on its command line. */
async function native(major: 17 | 18, program: string, args: readonly string[], password: string) {
  const { stdout } = await run(path.join(await postgresRelease(major), 'bin', program), [...args], {
    env: { PGPASSWORD: password, PGSSLMODE: 'require', LANG: 'C' },
    maxBuffer: 1 << 26,
  });
  return stdout;
}

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(path.join(tmpdir(), 'lifeboat-archive-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Numbers that pg_dump gives out anew in each run, replaced by what they stand for. */
function comparable(entries: readonly Entry[]) {
  const titles = new Map(entries.map(({ id, desc, namespace, tag }) => [id, `${desc} ${namespace} ${tag}`]));
  return entries.map(({ id, dependencies, ...entry }) => ({
    ...entry,
    dependencies: dependencies.flatMap((each) => titles.get(each) ?? []),
  }));
}

describe('the archive of a schema', () => {
  test('is read as that of a native pg_dump, entry by entry', async () => {
    const source = await servers.newDatabase();
    await runEach(source, [RARE_SCHEMA]);
    const ours = readArchive(await runPgDump(accessOf(source), { signal }));
    const theirs = await inFolder(async (folder) => {
      const file = path.join(folder, 'native.dump');
      const sections = ['--section=pre-data', '--section=post-data', '--format=custom', `--file=${file}`];
      const where = ['-h', source.host, '-p', String(source.port), '-U', source.user, source.database];
      await native(18, 'pg_dump', [...sections, ...where], source.password);
      return readArchive(await readFile(file));
    });
    expect(ours.entries.length).toBeGreaterThan(90);
    expect(comparable(ours.entries)).toEqual(comparable(theirs.entries));
    expect(ours.serverVersion).toBe(theirs.serverVersion);
  });

  test.each([17, 18] as const)('is restored by pg_restore of PostgreSQL %i', async (major) => {
    const source = await servers.newDatabase();
    await runEach(source, ['CREATE TABLE t (id int PRIMARY KEY)', 'CREATE INDEX "odd; -- name" ON t (id)']);
    const archive = await runPgDump(accessOf(source), { signal });
    const into = await servers.newDatabase();
    await inFolder(async (folder) => {
      const file = path.join(folder, 'schema.dump');
      await writeFile(file, archive);
      const where = ['-h', into.host, '-p', String(into.port), '-U', into.user, '-d', into.database];
      await native(major, 'pg_restore', ['--no-owner', ...where, file], into.password);
    });
    const indexes = [
      "SELECT indexrelid::regclass::text AS name FROM pg_index WHERE indrelid = 't'::regclass",
    ];
    expect(await runEach(into, indexes)).toEqual(await runEach(source, indexes));
  });
});
