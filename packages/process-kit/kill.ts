import { setTimeout as sleep } from 'node:timers/promises';
import { identify, isAlive, type ProcessIdentity } from './identity.ts';
import { parents } from './parents.ts';

/**
 * Kills a process and all that it started, and returns when they are gone. By descent and not by process group:
 * each PostgreSQL backend leads a group of its own. SIGKILL: what runs here is disposable.
 */
export async function killTree(root: number): Promise<void> {
  let family = await identified(await stoppedFamily(root));
  while (family.length > 0) {
    for (const { pid } of family) signal(pid, 'SIGKILL');
    await sleep(10);
    family = await stillAlive(family);
  }
}

/** Kills the group that a process leads, or has led, without waiting. */
export function killGroupNow(leader: number): void {
  signal(-leader, 'SIGKILL');
}

/** Sends a signal; false when there is no such process. */
export function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

/** All of them, and none can start another one any more: a child that is born while its parent is killed would have no trace. */
async function stoppedFamily(root: number): Promise<number[]> {
  const stopped = new Set([root]);
  signal(root, 'SIGSTOP');
  // Twice in vain, because a child may be half born when its parent is stopped.
  for (let inVain = 0; inVain < 2; inVain += 1) {
    for (const pid of await descendants(root)) {
      if (stopped.has(pid)) continue;
      signal(pid, 'SIGSTOP');
      stopped.add(pid);
      inVain = -1;
    }
  }
  return [...stopped];
}

async function descendants(root: number): Promise<number[]> {
  const parentOf = await parents();
  const found = [root];
  for (const ancestor of found) {
    for (const [pid, parent] of parentOf) if (parent === ancestor) found.push(pid);
  }
  return found.slice(1);
}

async function identified(pids: readonly number[]): Promise<ProcessIdentity[]> {
  const identities = await Promise.all(pids.map(identify));
  return identities.filter((identity) => identity !== undefined);
}

async function stillAlive(family: readonly ProcessIdentity[]): Promise<ProcessIdentity[]> {
  const alive = await Promise.all(family.map(isAlive));
  return family.filter((_, index) => alive[index]);
}
