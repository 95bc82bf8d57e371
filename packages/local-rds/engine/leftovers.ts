import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { commandLine, identify, workingFolder } from 'process-kit/identity';
import { killTree } from 'process-kit/kill';
import { parents } from 'process-kit/parents';

/**
 * Ends the server processes that work in a data folder although their program is dead, and says how many there were. Killed and
 * not asked: the next start recovers, as it must after a power cut. A number that somebody else's process has now is never touched.
 */
export async function endLeftovers(dataFolder: string): Promise<number> {
  const found = new Set(await atWorkIn(dataFolder));
  const postmaster = await recordedPostmaster(dataFolder);
  if (postmaster !== undefined) found.add(postmaster);
  for (const pid of found) await killTree(pid);
  // PostgreSQL would take its old number for a running server: that of a zombie, or of another program.
  await rm(path.join(dataFolder, 'postmaster.pid'), { force: true });
  return found.size;
}

/** Every process of a PostgreSQL server works in its data folder, also a backend whose postmaster was killed. */
async function atWorkIn(dataFolder: string): Promise<number[]> {
  const pids = [...(await parents()).keys()];
  const folders = await Promise.all(pids.map(workingFolder));
  return pids.filter((pid, index) => pid !== process.pid && folders[index] === dataFolder);
}

/** Where the system does not tell working folders: the postmaster's own note, if that process still names the folder. */
async function recordedPostmaster(dataFolder: string): Promise<number | undefined> {
  const note = await readFile(path.join(dataFolder, 'postmaster.pid'), 'utf8').catch(() => '');
  const pid = Number(note.split('\n')[0]);
  if (!Number.isInteger(pid) || pid <= 1 || !(await identify(pid))) return undefined;
  return (await commandLine(pid)).includes(dataFolder) ? pid : undefined;
}
