import type { Entry } from '../archive/entry.ts';

/**
 * What becomes of an entry in a restore test. `required`: it must come back equal. `optional`: it comes back where the scratch
 * server allows it, and is reported where not. `surrounding`: it belongs to the server, so it is neither loaded nor compared.
 */
export type Part = 'required' | 'optional' | 'surrounding';

/** Settings of the dump, and the database itself: its owner, its settings and its comment, which is the scratch mark. */
const OF_THE_DATABASE = new Set(['ENCODING', 'STDSTRINGS', 'SEARCHPATH', 'DATABASE', 'DATABASE PROPERTIES']);
/** They name roles of the source. A subscription would start to pull from its publisher. */
const OF_THE_SOURCE_ALONE = new Set(['ACL', 'DEFAULT ACL', 'SUBSCRIPTION', 'SUBSCRIPTION TABLE']);
/** Large objects are copied as rows are, with their comments. */
const OF_LARGE_OBJECTS = /^LARGE OBJECTS? /;
/** Some need a superuser, others a module that the server must have loaded. */
const PRIVILEGED = new Set([
  'EVENT TRIGGER',
  'PUBLICATION',
  'PUBLICATION TABLE',
  'PUBLICATION TABLES IN SCHEMA',
  'SECURITY LABEL',
]);
/** Each database is created with it. pg_dump writes an entry where another role owns it, without a statement. */
export const PUBLIC = 'SCHEMA public';
/** What pg_dump writes where an application created the schema anew, and so without the comment of a new database. */
const NO_COMMENT_ON_PUBLIC = "COMMENT ON SCHEMA public IS '';";

/** What is said about an object, as an entry of its own. */
const ABOUT_ANOTHER = new Set(['COMMENT', 'SECURITY LABEL']);

/** Tells for each entry of an archive what becomes of it. */
export function whatCounts(entries: readonly Entry[]): ReadonlyMap<Entry, Part> {
  const parts = new Map<Entry, Part>();
  const partOf = new Map<number, Part>();
  for (const entry of entries) {
    const part = (ABOUT_ANOTHER.has(entry.desc) && partOfSubject(entry, partOf)) || ownPart(entry);
    parts.set(entry, part);
    partOf.set(entry.id, part);
  }
  return parts;
}

/** A comment or label goes with the object that it is about, which it depends on; null if that one is required. */
function partOfSubject({ tag, dependencies }: Entry, partOf: ReadonlyMap<number, Part>): Part | null {
  if (tag === PUBLIC) return null;
  const parts = dependencies.map((id) => partOf.get(id));
  return parts.find((part) => part !== undefined && part !== 'required') ?? null;
}

function ownPart({ desc, tag, namespace, definition }: Entry): Part {
  if (OF_THE_DATABASE.has(desc) || OF_THE_SOURCE_ALONE.has(desc)) return 'surrounding';
  if (desc.startsWith('BLOB') || OF_LARGE_OBJECTS.test(tag)) return 'surrounding';
  if (`${desc} ${tag}` === PUBLIC) return 'surrounding';
  if (PRIVILEGED.has(desc)) return 'optional';
  if (desc !== 'COMMENT' || namespace !== null) return 'required';
  if (tag === PUBLIC) return definition.trim() === NO_COMMENT_ON_PUBLIC ? 'surrounding' : 'optional';
  // The owner of an extension may comment on it: a server may have made it before, for another owner.
  return tag.startsWith('EXTENSION ') ? 'optional' : 'required';
}
