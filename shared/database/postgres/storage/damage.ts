import pg from 'pg';

/** data_corrupted and index_corrupted. https://www.postgresql.org/docs/current/errcodes-appendix.html */
const CORRUPTED = ['XX001', 'XX002'];
const NOT_ALLOWED = '42501';

/** What the server says of damaged data; null for any other error. The text has numbers of blocks and files, and no values. */
export function corruptionIn(error: unknown): string | null {
  return error instanceof pg.DatabaseError && CORRUPTED.includes(error.code ?? '') ? error.message : null;
}

export function isNotAllowed(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code === NOT_ALLOWED;
}

const CANCELED = '57014';

/** Longer questions are given up, so that one huge table does not keep the others from being checked. */
export const LONGEST_QUESTION_MS = 180_000;

/** Why a question was not answered, where that says nothing of the data; null for any other error. */
export function whyUnchecked(error: unknown): string | null {
  if (isNotAllowed(error)) return (error as Error).message;
  const tooLong = error instanceof pg.DatabaseError && error.code === CANCELED;
  return tooLong ? `it took longer than ${LONGEST_QUESTION_MS / 1_000} seconds` : null;
}
