/** A disk had no room left, and which: this machine's, or that of a database server. */
export interface FullDisk {
  readonly of: 'this machine' | 'database server';
  readonly path: string | null;
}

/**
 * Finds a full disk behind an error: in the system's codes (no space, no quota), in PostgreSQL's SQLSTATE 53100, and in what
 * a program that ended wrote to its log. Causes and gathered errors are looked at too.
 * https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
export function fullDiskBehind(error: unknown, depth = 0): FullDisk | null {
  if (!(error instanceof Error) || depth > 10) return null;
  const { code, path } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT') return { of: 'this machine', path: path ?? null };
  if (code === '53100') return { of: 'database server', path: null };
  // A part of the local AWS that ended has only words for it.
  if (/No space left on device|Disk quota exceeded|ENOSPC/.test(error.message))
    return { of: 'this machine', path: null };
  const gathered = error instanceof AggregateError ? error.errors : [];
  for (const each of [error.cause, ...gathered]) {
    const found = fullDiskBehind(each, depth + 1);
    if (found) return found;
  }
  return null;
}
