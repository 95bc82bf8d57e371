import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ProcessIdentity } from '../identity.ts';

/** What the next start must know to clean up after a run whose owner died. Holds no secret. */
export interface RunRecord {
  readonly id: string;
  readonly owner: ProcessIdentity;
  /** Where the run keeps its sockets, data and logs: beside this record, or in the system's temporary folder. */
  readonly folder: string;
  readonly children: readonly ProcessIdentity[];
  /** Set when the run has ended and its folder stays to be looked at; an ISO time. */
  readonly keptUntil?: string;
}

/** Written whole or not at all: a start that is killed must not leave half a record. */
export async function writeRecord(runsFolder: string, record: RunRecord): Promise<void> {
  const folder = path.join(runsFolder, record.id);
  await mkdir(folder, { recursive: true });
  const draft = path.join(folder, 'run.json.new');
  await writeFile(draft, JSON.stringify(record, null, 2));
  await rename(draft, path.join(folder, 'run.json'));
}

/** All runs that left a record, dead or alive. */
export async function readRecords(runsFolder: string): Promise<RunRecord[]> {
  const ids = await readdir(runsFolder).catch(() => []);
  const records = await Promise.all(ids.map((id) => readRecord(runsFolder, id)));
  return records.filter((record) => record !== undefined);
}

/** Forgets a run, with whatever lies beside its record. */
export async function removeRecord(runsFolder: string, id: string): Promise<void> {
  await rm(path.join(runsFolder, id), { recursive: true, force: true });
}

async function readRecord(runsFolder: string, id: string): Promise<RunRecord | undefined> {
  const text = await readFile(path.join(runsFolder, id, 'run.json'), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as RunRecord);
}
