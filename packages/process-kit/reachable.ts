import { stat } from 'node:fs/promises';
import path from 'node:path';

/**
 * Whether any user may pass through every folder down to this one. A checkout beneath a root's home (0700) is not
 * reachable for the user that PostgreSQL drops to.
 */
export async function isReachableByOthers(folder: string): Promise<boolean> {
  for (let at = path.resolve(folder); ; at = path.dirname(at)) {
    const { mode } = await stat(at);
    if ((mode & 0o001) === 0) return false;
    if (at === path.dirname(at)) return true;
  }
}
