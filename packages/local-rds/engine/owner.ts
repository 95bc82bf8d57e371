import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { identify, isAlive, type ProcessIdentity } from 'process-kit/identity';

/** Another program works in the folder. */
export class EngineInUse extends Error {
  override readonly name = 'EngineInUse';

  constructor(folder: string, pid: number) {
    super(
      `Process ${pid} works with the clusters in ${folder}. Expected: one program for a folder. End that one, or name another folder.`,
    );
  }
}

/**
 * Makes this process the only one that works in a folder; a dead one does not count. Of several that try at once one succeeds.
 * Returns how to give it back.
 */
export async function takeOwnership(folder: string, file: string): Promise<() => Promise<void>> {
  const own = `${file}.${randomUUID()}`; // one process may try several times at once
  await writeFile(own, JSON.stringify(await identify(process.pid)), { mode: 0o600 });
  try {
    while (!(await linked(own, file))) {
      const text = await readFile(file, 'utf8').catch(() => undefined);
      const owner = text === undefined ? undefined : ownerIn(text);
      if (owner && (await isAlive(owner))) throw new EngineInUse(folder, owner.pid);
      if (text !== undefined) await remove(file, text);
    }
  } finally {
    await rm(own, { force: true });
  }
  return () => rm(file, { force: true });
}

/** Removes a dead owner's note, unless somebody has put his own in its place meanwhile. */
async function remove(file: string, dead: string): Promise<void> {
  const aside = `${file}.${randomUUID()}.dead`;
  await rename(file, aside).catch(() => {}); // another one was quicker
  const taken = await readFile(aside, 'utf8').catch(() => dead);
  if (taken !== dead) await link(aside, file).catch(() => {});
  await rm(aside, { force: true });
}

/** Whether the name was free: a link, unlike a file that is written, never replaces another. */
function linked(from: string, to: string): Promise<boolean> {
  return link(from, to).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') return false;
      throw error;
    },
  );
}

function ownerIn(text: string): ProcessIdentity | undefined {
  try {
    return JSON.parse(text) as ProcessIdentity;
  } catch {
    return undefined; // half a note, whose writer is dead
  }
}
