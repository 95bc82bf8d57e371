import { type PartName, partUnknown, type SchemaPart } from '../../schema-part.ts';
import { readable, type TableName } from '../../table.ts';
import { type Entry, titleOf } from '../archive/entry.ts';
import { keepEntries, readArchive } from '../archive/read-archive.ts';
import { fingerprintOf } from './dump-schema.ts';

/** What can be asked for by name, and never comes because of what only belongs to something else. */
const RELATIONS = new Set(['TABLE', 'VIEW', 'MATERIALIZED VIEW', 'FOREIGN TABLE']);
/** What belongs to the object that it depends on. */
const BELONGS = new Set([
  'ACL',
  'CHECK CONSTRAINT',
  'COMMENT',
  'CONSTRAINT',
  'DEFAULT',
  'FK CONSTRAINT',
  'INDEX',
  'INDEX ATTACH',
  'MATERIALIZED VIEW DATA',
  'POLICY',
  'PUBLICATION TABLE',
  'ROW SECURITY',
  'RULE',
  'SECURITY LABEL',
  'SEQUENCE',
  'SEQUENCE OWNED BY',
  'STATISTICS',
  'TABLE ATTACH',
  'TRIGGER',
]);
/** Those whose tag begins with the name of what they belong to: it tells whose they are where they depend on two. */
const NAMED_AFTER_TABLE = new Set([
  'CHECK CONSTRAINT',
  'CONSTRAINT',
  'DEFAULT',
  'FK CONSTRAINT',
  'MATERIALIZED VIEW DATA',
  'POLICY',
  'PUBLICATION TABLE',
  'ROW SECURITY',
  'RULE',
  'SEQUENCE OWNED BY',
  'TABLE ATTACH',
  'TRIGGER',
]);
const SAID_OF_ANYTHING = new Set(['ACL', 'COMMENT', 'SECURITY LABEL']);
/** Nobody misses them where what they are about does not come. */
const NOT_REPORTED = new Set(['ACL', 'COMMENT', 'INDEX ATTACH', 'SECURITY LABEL']);
/** Settings of the dump itself. */
const OF_THE_DUMP = new Set(['ENCODING', 'STDSTRINGS', 'SEARCHPATH']);

/**
 * Takes the part of an archive that some tables and schemas need, by pg_dump's own dependencies.
 *
 * What an object is made of comes with it: types, functions, extensions, sequences, the parents of a table that inherits, the
 * tables of a view, the partitions of a table. What belongs to it comes too, unless it needs another table. Then it is left
 * out, as foreign keys to absent tables are. Of a schema, what needs tables of other schemas is left out.
 *
 * @throws PartUnknown naming near names, ArchiveUnreadable
 */
export function partOfSchema(archive: Buffer, wanted: readonly PartName[]): SchemaPart {
  const { entries } = readArchive(archive);
  const { kept, added, leftOut } = selectEntries(entries, wanted);
  const part = keepEntries(archive, (entry) => kept.has(entry.id) || OF_THE_DUMP.has(entry.desc));
  const named = (desc: string) =>
    entries.filter((entry) => entry.desc === desc && kept.has(entry.id)).map(asTable);
  const parents = parentsOf(entries);
  return {
    archive: part,
    fingerprint: fingerprintOf(part),
    tables: named('TABLE'),
    sequences: named('SEQUENCE'),
    otherSequences: entries.filter(({ id, desc }) => desc === 'SEQUENCE' && !kept.has(id)).map(asTable),
    extensions: named('EXTENSION').map(({ name }) => name),
    parents: new Map(
      entries.flatMap((entry) => {
        const top = entry.desc === 'TABLE' ? topmostKept(entry, parents, kept) : null;
        return top ? [[readable(asTable(entry)), asTable(top)] as const] : [];
      }),
    ),
    added,
    leftOut,
  };
}

export interface Selection {
  /** Ids of entries. */
  readonly kept: ReadonlySet<number>;
  readonly added: readonly string[];
  readonly leftOut: readonly string[];
}

/** Decides which entries are taken. @throws PartUnknown */
export function selectEntries(entries: readonly Entry[], wanted: readonly PartName[]): Selection {
  const byId = new Map(entries.map((entry) => [entry.id, entry]));
  const parents = parentsOf(entries);
  const children = Map.groupBy([...parents], ([, parent]) => parent.id);
  const named = ({ dependencies }: Entry) => dependencies.flatMap((id) => byId.get(id) ?? []);
  const needsOf = (entry: Entry): Entry[] =>
    // The column that owns a sequence is a dependency of the sequence only.
    entry.desc === 'SEQUENCE OWNED BY'
      ? named(entry).flatMap((sequence) => [sequence, ...named(sequence)])
      : named(entry).filter((needed) => !isByTheWay(entry, needed, parents));
  const schemas = new Set(wanted.flatMap(({ schema, name }) => (name === null ? [schema] : [])));
  const isAsked = (entry: Entry) =>
    isOfSchemas(entry, schemas) ||
    wanted.some(
      ({ schema, name }) => RELATIONS.has(entry.desc) && entry.namespace === schema && entry.tag === name,
    );
  requireKnown(entries, wanted);

  const kept = new Set<number>();
  const added: string[] = [];
  /** Takes an object with all that it is made of. */
  const take = (entry: Entry, because: Entry | null): void => {
    if (kept.has(entry.id)) return;
    kept.add(entry.id);
    if (RELATIONS.has(entry.desc) && because && !isAsked(entry))
      added.push(`${titleOf(entry)}, because ${titleOf(because)} needs it`);
    for (const needed of needsOf(entry)) take(needed, entry);
    for (const [id] of children.get(entry.id) ?? []) {
      const partition = byId.get(id);
      if (partition) take(partition, null);
    }
  };
  for (const entry of entries)
    if (isAsked(entry) && (entry.desc === 'TABLE' || !isOfSchemas(entry, schemas))) take(entry, null);

  /** By what an entry fails: another table that is not taken. */
  const failures = new Map<number, Entry>();
  /** Takes an object if no other relation is needed for it. Returns the one that it would need. */
  const takeIfWhole = (entry: Entry): Entry | null => {
    const all = new Set<Entry>();
    const lacking = (each: Entry): Entry | null => {
      if (kept.has(each.id) || all.has(each)) return null;
      const known = failures.get(each.id);
      if (known) return known;
      if ((RELATIONS.has(each.desc) || each.desc === 'PUBLICATION') && !isAsked(each)) return each;
      all.add(each);
      for (const needed of needsOf(each)) {
        const lacks = lacking(needed);
        if (lacks) return lacks;
      }
      return null;
    };
    const lacks = lacking(entry);
    if (lacks) failures.set(entry.id, lacks);
    else for (const each of all) kept.add(each.id);
    return lacks;
  };
  const belongs = (entry: Entry) => BELONGS.has(entry.desc) && isOfKept(entry, kept, byId);
  for (let before = -1; before !== kept.size; ) {
    before = kept.size;
    for (const entry of entries)
      if (!kept.has(entry.id) && !failures.has(entry.id) && (isOfSchemas(entry, schemas) || belongs(entry)))
        takeIfWhole(entry);
  }
  const leftOut = [...failures].flatMap(([id, lacks]) => {
    const entry = byId.get(id);
    return entry && !NOT_REPORTED.has(entry.desc)
      ? [`${titleOf(entry)}, because it needs ${titleOf(lacks)}`]
      : [];
  });
  return { kept, added, leftOut: [...leftOut, ...heirs(entries, kept, byId, parents)] };
}

/** Tables that inherit from a taken one and are not taken: a query of the parent read their rows in the source. */
function heirs(
  entries: readonly Entry[],
  kept: ReadonlySet<number>,
  byId: ReadonlyMap<number, Entry>,
  parents: ReadonlyMap<number, Entry>,
): string[] {
  return entries.flatMap((entry) => {
    if (entry.desc !== 'TABLE' || kept.has(entry.id) || !/\)\s*INHERITS\s*\(/.test(entry.definition))
      return [];
    const parent = entry.dependencies
      .map((id) => byId.get(id))
      .find((each) => each?.desc === 'TABLE' && kept.has(each.id) && !isByTheWay(entry, each, parents));
    return parent ? [`${titleOf(entry)}, which inherits from ${titleOf(parent)}`] : [];
  });
}

function isOfSchemas({ desc, tag, namespace }: Entry, schemas: ReadonlySet<string>): boolean {
  return desc === 'SCHEMA' ? schemas.has(tag) : namespace !== null && schemas.has(namespace);
}

/**
 * True of an entry that belongs to something taken. One that is named after its table belongs to that table alone: a foreign key
 * depends on the table that it leads to as well.
 */
function isOfKept(entry: Entry, kept: ReadonlySet<number>, byId: ReadonlyMap<number, Entry>): boolean {
  return entry.dependencies.some((id) => {
    const of = byId.get(id);
    if (!of || !kept.has(id)) return false;
    if (NAMED_AFTER_TABLE.has(entry.desc))
      return of.namespace === entry.namespace && (entry.tag === of.tag || entry.tag.startsWith(`${of.tag} `));
    return SAID_OF_ANYTHING.has(entry.desc) || RELATIONS.has(of.desc) || of.desc === 'INDEX';
  });
}

/**
 * True of a dependency that is not needed to make the object: a partition is made as a table of its own, and a sequence without
 * the column that owns it.
 */
function isByTheWay(entry: Entry, needed: Entry, parents: ReadonlyMap<number, Entry>): boolean {
  if (entry.desc === 'TABLE') return parents.get(entry.id) === needed;
  return entry.desc === 'SEQUENCE' && needed.desc === 'TABLE' && !/\bADD GENERATED\b/.test(entry.definition);
}

/** The partitioned table of each partition, by the partition's id. */
function parentsOf(entries: readonly Entry[]): ReadonlyMap<number, Entry> {
  const tables = new Map(entries.flatMap((entry) => (entry.desc === 'TABLE' ? [[entry.id, entry]] : [])));
  const found = new Map<number, Entry>();
  for (const { desc, tag, namespace, dependencies } of entries) {
    if (desc !== 'TABLE ATTACH') continue;
    const both = dependencies.flatMap((id) => tables.get(id) ?? []);
    const partition = both.find((each) => each.namespace === namespace && each.tag === tag);
    const parent = both.find((each) => each !== partition);
    if (partition && parent) found.set(partition.id, parent);
  }
  return found;
}

function topmostKept(
  entry: Entry,
  parents: ReadonlyMap<number, Entry>,
  kept: ReadonlySet<number>,
): Entry | null {
  const parent = parents.get(entry.id);
  if (!parent || !kept.has(parent.id)) return null;
  return topmostKept(parent, parents, kept) ?? parent;
}

function asTable({ namespace, tag }: Entry): TableName {
  return { schema: namespace ?? '', name: tag };
}

function requireKnown(entries: readonly Entry[], wanted: readonly PartName[]): void {
  const relations = entries.filter(({ desc }) => RELATIONS.has(desc)).map(asTable);
  const schemas = new Set(entries.flatMap(({ namespace }) => namespace ?? []));
  for (const { desc, tag } of entries) if (desc === 'SCHEMA') schemas.add(tag);
  const known = { schemas: [...schemas].sort(), tables: relations };
  for (const part of wanted) {
    const isThere =
      part.name === null
        ? schemas.has(part.schema)
        : relations.some(({ schema, name }) => schema === part.schema && name === part.name);
    if (!isThere) throw partUnknown(part, known);
  }
}
