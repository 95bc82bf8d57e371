import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Whether something failed because the disk of this machine is full. PostgreSQL says it in words, in its log. */
export function isDiskFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, log } = error as { code?: unknown; log?: unknown };
  return (
    code === 'ENOSPC' ||
    code === 'EDQUOT' ||
    /No space left on device/.test(`${error.message}${typeof log === 'string' ? log : ''}`) ||
    isDiskFull(error.cause)
  );
}

/** Room for a hundred records, so that what becomes of instances can be written down on a full disk. */
const RESERVED_BYTES = 512 * 1024;

/** Takes the room, or takes it again after it was given up. A disk that has none left keeps it for later. */
export function reserveRoom(folder: string): void {
  try {
    writeFileSync(reserve(folder), Buffer.alloc(RESERVED_BYTES, 1), { mode: 0o600 });
  } catch (error) {
    if (!isDiskFull(error)) throw error;
    giveUpRoom(folder);
  }
}

/** Makes what was reserved free for the next write. */
export function giveUpRoom(folder: string): void {
  rmSync(reserve(folder), { force: true });
}

const reserve = (folder: string) => path.join(folder, 'reserve');
