import { mkdir } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { serverUser } from 'local-postgres/server-user';
import { isReachableByOthers } from 'process-kit/reachable';
import type { Rds } from './start-rds.ts';

/**
 * Starts on the first folder of `rds`, `rds-2`, … that no other program works in: several run side by side, and what a killed one
 * kept is taken up by the next start. Where the servers' user cannot reach them, they lie in the system's folder for temporary files.
 */
export async function startInFreeFolder(
  parent: string,
  start: (folder: string) => Promise<Rds>,
): Promise<{ rds: Rds; folder: string }> {
  await mkdir(parent, { recursive: true });
  const reachable = !serverUser() || (await isReachableByOthers(parent));
  const name = reachable ? path.join(parent, 'rds') : path.join(os.tmpdir(), 'local-rds');
  for (let number = 1; ; number += 1) {
    const folder = number === 1 ? name : `${name}-${number}`;
    try {
      return { rds: await start(folder), folder };
    } catch (error) {
      if ((error as Error).name !== 'EngineInUse') throw error;
    }
  }
}
