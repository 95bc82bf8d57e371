import { rm } from 'node:fs/promises';
import { commandLine, isAlive, workingFolder } from '../identity.ts';
import { killTree } from '../kill.ts';
import { type RunRecord, readRecords, removeRecord } from './record.ts';

/**
 * Ends what runs of dead owners left behind: their processes, their folders, their records.
 *
 * A process is killed only when it started at the recorded time and its command line or its working folder names the
 * run's folder, so that a number reused by somebody else's process is never touched.
 */
export async function sweepDeadRuns(runsFolder: string, now = new Date()): Promise<RunRecord[]> {
  const swept: RunRecord[] = [];
  for (const record of await readRecords(runsFolder)) {
    if (!(await isOver(record, now))) continue;
    for (const child of record.children) {
      if ((await isAlive(child)) && (await isAtWorkIn(record.folder, child.pid))) await killTree(child.pid);
    }
    await rm(record.folder, { recursive: true, force: true });
    await removeRecord(runsFolder, record.id);
    swept.push(record);
  }
  return swept;
}

async function isAtWorkIn(folder: string, pid: number): Promise<boolean> {
  const traces = await Promise.all([commandLine(pid), workingFolder(pid)]);
  return traces.some((trace) => trace.includes(folder));
}

/** A run that is kept to be looked at is over when its time is up, whether or not its owner lives on. */
async function isOver({ owner, keptUntil }: RunRecord, now: Date): Promise<boolean> {
  return keptUntil === undefined ? !(await isAlive(owner)) : new Date(keptUntil) <= now;
}
