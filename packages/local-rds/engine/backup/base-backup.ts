import { mkdir, readFile, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type pg from 'pg';
import { copyWhole } from '../archive/copy-archive.ts';
import type { BaseBackup } from '../engine.ts';
import { cloneFile, writeWhole } from '../ownership.ts';
import { copyTree, eachOf, listTree, makeFolders } from './copy-tree.ts';
import { hashFile } from './hash-file.ts';
import { formatManifest, ManifestDamaged, type ManifestFile, parseManifest } from './manifest.ts';
import { copyOnline } from './online-copy.ts';

/** There is no backup in a folder, or only the beginning of one. */
export class BackupNotFound extends Error {
  override readonly name = 'BackupNotFound';

  constructor(folder: string, options?: ErrorOptions) {
    super(
      `There is no whole base backup in ${folder}. Expected: a folder that baseBackup or copyBackup has made.`,
      options,
    );
  }
}

/** A backup is not what it was when it was made. */
export class BackupDamaged extends Error {
  override readonly name = 'BackupDamaged';
  readonly findings: readonly string[];

  constructor(folder: string, findings: readonly string[]) {
    super(
      `The base backup in ${folder} is damaged and cannot be restored: ${findings.join('; ')}. Restore from another one.`,
    );
    this.findings = findings;
  }
}

/** A backup's folder exists already. */
export class BackupExists extends Error {
  override readonly name = 'BackupExists';

  constructor(folder: string, options: ErrorOptions) {
    super(
      `${folder} exists already. Expected: a folder that does not, because backups are written once.`,
      options,
    );
  }
}

/** The record beside the files: what BaseBackup says, and the WAL that came with them, which no manifest lists. */
interface BackupRecord extends Omit<BaseBackup, 'folder' | 'startedAt' | 'completedAt'> {
  readonly startedAt: string;
  readonly completedAt: string;
  readonly wal: readonly { name: string; size: number; sha256: string }[];
}

const dataOf = (folder: string) => path.join(folder, 'data');
const manifestOf = (folder: string) => path.join(dataOf(folder), 'backup_manifest');
const recordOf = (folder: string) => path.join(folder, 'backup.json');
/** Never a name that a caller gives to a whole one. */
const draftOf = (folder: string) => `${folder}.partial`;

/** Takes a base backup of a running cluster. The folder appears when it is whole; nothing of it stays when it fails. */
export async function takeBackup(o: {
  client: pg.Client;
  dataFolder: string;
  master: string;
  folder: string;
  signal?: AbortSignal | undefined;
}): Promise<BaseBackup> {
  return intoFolder(o.folder, async (draft) => {
    const data = dataOf(draft);
    await mkdir(data, { mode: 0o700 });
    const { files, segments, startedAt, completedAt, ...copy } = await copyOnline({
      client: o.client,
      from: o.dataFolder,
      to: data,
      forServer: false,
      signal: o.signal,
    });
    const listed: ManifestFile[] = [];
    await eachOf(
      files,
      async (file) => {
        const at = path.join(data, file);
        listed.push({ path: file, ...(await hashFile(at, o.signal)) });
      },
      o.signal,
    );
    listed.sort((a, b) => (a.path < b.path ? -1 : 1));
    const wal: BackupRecord['wal'][number][] = [];
    for (const name of segments) {
      const at = path.join(data, 'pg_wal', name);
      await cloneFile(path.join(o.dataFolder, 'pg_wal', name), at);
      const { size, sha256 } = await hashFile(at, o.signal);
      wal.push({ name, size, sha256 });
    }
    await writeWhole(manifestOf(draft), formatManifest({ ...copy, files: listed }));
    const bytes = [...listed, ...wal].reduce((sum, { size }) => sum + size, 0);
    const record: BackupRecord = {
      ...copy,
      master: o.master,
      startedAt: startedAt.toISOString(),
      completedAt: completedAt.toISOString(),
      bytes,
      wal,
    };
    await writeWhole(recordOf(draft), JSON.stringify(record, null, 2));
  });
}

export async function readBackup(folder: string): Promise<BaseBackup> {
  const { wal: _, startedAt, completedAt, ...rest } = await readRecord(folder);
  return { ...rest, folder, startedAt: new Date(startedAt), completedAt: new Date(completedAt) };
}

/** By hard links where it can be: a backup is never written to. */
export async function copyBackup(
  from: BaseBackup,
  folder: string,
  signal?: AbortSignal,
): Promise<BaseBackup> {
  return intoFolder(folder, async (draft) => {
    const { folders, files } = await listTree(from.folder);
    await makeFolders(draft, folders, false);
    await eachOf(files, (file) => copyWhole(path.join(from.folder, file), path.join(draft, file)), signal);
  });
}

/** Reads all of it. Throws BackupDamaged with every file that is missing, added or changed. */
export async function verifyBackup(folder: string, signal?: AbortSignal): Promise<void> {
  const findings = await findDamage(folder, dataOf(folder), signal);
  if (findings.length > 0) throw new BackupDamaged(folder, findings);
}

/** Fills an empty folder of the servers' user with the backup's files, and checks each as it now lies there. */
export async function layOut(backup: BaseBackup, dataFolder: string, signal?: AbortSignal): Promise<void> {
  await copyTree({ from: dataOf(backup.folder), to: dataFolder, forServer: true, signal });
  const findings = await findDamage(backup.folder, dataFolder, signal);
  if (findings.length > 0) throw new BackupDamaged(backup.folder, findings);
  await rm(path.join(dataFolder, 'backup_manifest'));
}

/** First under another name: half of a backup must not look like one. */
export async function deleteBackup(folder: string): Promise<void> {
  const draft = draftOf(folder);
  await rm(draft, { recursive: true, force: true });
  await rename(folder, draft).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
  await rm(draft, { recursive: true, force: true });
}

async function intoFolder(folder: string, fill: (draft: string) => Promise<void>): Promise<BaseBackup> {
  const draft = draftOf(folder);
  const exists = (error?: unknown) => new BackupExists(folder, { cause: error });
  if (await stat(folder).catch(() => undefined)) throw exists();
  await mkdir(path.dirname(folder), { recursive: true });
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { mode: 0o700 });
  try {
    await fill(draft);
    await rename(draft, folder);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    throw error;
  }
  return readBackup(folder);
}

async function readRecord(folder: string): Promise<BackupRecord> {
  try {
    return JSON.parse(await readFile(recordOf(folder), 'utf8'));
  } catch (error) {
    throw new BackupNotFound(folder, { cause: error });
  }
}

/** Compares what lies in a data folder with what the backup says. */
async function findDamage(folder: string, dataFolder: string, signal?: AbortSignal): Promise<string[]> {
  const { wal } = await readRecord(folder);
  let listed: readonly Pick<ManifestFile, 'path' | 'size' | 'sha256'>[];
  try {
    listed = parseManifest(await readFile(path.join(dataFolder, 'backup_manifest'), 'utf8')).files;
  } catch (error) {
    if (error instanceof ManifestDamaged) return [error.message];
    return ['backup_manifest cannot be read'];
  }
  const expected = new Map(
    [...listed, ...wal.map(({ name, ...rest }) => ({ path: `pg_wal/${name}`, ...rest }))].map((file) => [
      file.path,
      file,
    ]),
  );
  const findings: string[] = [];
  const { files } = await listTree(dataFolder);
  await eachOf(
    files.filter((file) => file !== 'backup_manifest'),
    async (file) => {
      const wanted = expected.get(file);
      expected.delete(file);
      if (!wanted) return void findings.push(`${file} is not part of it`);
      const { size, sha256 } = await hashFile(path.join(dataFolder, file), signal);
      if (size !== wanted.size) findings.push(`${file} has ${size} bytes instead of ${wanted.size}`);
      else if (sha256 !== wanted.sha256) findings.push(`${file} has other content`);
    },
    signal,
  );
  for (const file of expected.keys()) findings.push(`${file} is missing`);
  return findings.sort();
}
