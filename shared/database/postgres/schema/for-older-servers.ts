import type { Entry } from '../archive/entry.ts';
import { withoutWord } from '../sql/split-sql.ts';

/**
 * An entry in the words of an older server. pg_dump writes for its own version: where an unlogged table has an identity column
 * it adds `LOGGED` to the options of its sequence, which PostgreSQL 14 does not know.
 * https://www.postgresql.org/docs/release/15.0/
 *
 * @param serverVersion as the archive has it, such as `14.19`
 */
export function inWordsOf(serverVersion: string, entry: Entry): Entry {
  if (Number.parseInt(serverVersion, 10) >= 15 || entry.desc !== 'SEQUENCE') return entry;
  return { ...entry, definition: withoutWord(entry.definition, 'LOGGED') };
}
