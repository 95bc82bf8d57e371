import { readFile, rm } from 'node:fs/promises';
import { identify, isAlive, type ProcessIdentity } from '../../processes/identity.ts';
import { writeWhole } from './ownership.ts';

/** Another program works in the folder. */
export class EngineInUse extends Error {
  override readonly name = 'EngineInUse';

  constructor(folder: string, pid: number) {
    super(
      `Process ${pid} works with the clusters in ${folder}. Expected: one program for a folder. End that one, or name another folder.`,
    );
  }
}

/** Makes this process the only one that works in a folder; a dead one does not count. Returns how to give it back. */
export async function takeOwnership(folder: string, file: string): Promise<() => Promise<void>> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  const owner = text === undefined ? undefined : (JSON.parse(text) as ProcessIdentity);
  if (owner && (await isAlive(owner))) throw new EngineInUse(folder, owner.pid);
  await writeWhole(file, JSON.stringify(await identify(process.pid)));
  return () => rm(file, { force: true });
}
