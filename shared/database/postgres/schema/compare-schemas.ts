import type { SchemaComparison } from '../../schema-dump.ts';
import { type Archive, type Entry, titleOf } from '../archive/entry.ts';
import { readArchive } from '../archive/read-archive.ts';
import { aroundParentheses, splitSql } from '../sql/split-sql.ts';
import { whatCounts } from './what-counts.ts';

const NAMED = 10;

/** Compares two archives entry by entry. The order of entries does not count. */
export function compareSchemas(stored: Buffer, restored: Buffer): SchemaComparison {
  const before = contentByTitle(readArchive(stored));
  const after = contentByTitle(readArchive(restored));
  const optional = new Set(
    [...before, ...after].flatMap(([title, { isOptional }]) => (isOptional ? [title] : [])),
  );
  const differences: string[] = [];
  const leftOut: string[] = [];
  for (const title of new Set([...before.keys(), ...after.keys()])) {
    if (before.get(title)?.content === after.get(title)?.content) continue;
    if (optional.has(title) && !after.has(title)) leftOut.push(title);
    else differences.push(title);
  }
  return {
    differences:
      differences.length > NAMED
        ? [...differences.slice(0, NAMED), `${differences.length - NAMED} more`]
        : differences,
    leftOut,
  };
}

interface Content {
  readonly content: string;
  readonly isOptional: boolean;
}

/** What the entries of each title say, surroundings left out. Operators may share a title. */
export function contentByTitle(archive: Archive): ReadonlyMap<string, Content> {
  const parts = whatCounts(archive.entries);
  const found = new Map<string, { contents: string[]; isOptional: boolean }>();
  for (const entry of archive.entries) {
    const part = parts.get(entry);
    if (part === 'surrounding') continue;
    const title = titleOf(entry);
    const same = found.get(title) ?? { contents: [], isOptional: part === 'optional' };
    same.contents.push(contentOf(entry));
    found.set(title, same);
  }
  return new Map(
    [...found].map(([title, { contents, isOptional }]) => [
      title,
      { content: contents.sort().join('\n'), isOptional },
    ]),
  );
}

function contentOf(entry: Entry): string {
  const definition =
    entry.desc === 'TABLE' ? withoutColumnOrder(withoutChosenNames(entry.definition)) : entry.definition;
  return `${definition.trim()}\n${entry.tableAccessMethod ?? ''}`;
}

/**
 * A table that inherits gets its parents' columns first when it is made again, so neither a dump nor pg_restore keeps the
 * order of its columns. What it lists is sorted.
 * https://www.postgresql.org/docs/current/sql-createtable.html#SQL-CREATETABLE-PARMS-INHERITS
 */
function withoutColumnOrder(definition: string): string {
  const [create = '', ...alterations] = splitSql(definition, ';');
  const list = aroundParentheses(create);
  if (!list || !/^\s*INHERITS\b/.test(list.after)) return definition;
  const items = splitSql(list.inside, ',').sort();
  return [list.before, ...items, list.after, ...alterations.sort()].join('\n');
}

const NAME = /(?:"(?:[^"]|"")*_not_null\d*"|\S*_not_null\d*)/.source;
/** At the end of a column, or a constraint of its own. */
const CHOSEN_NAME = new RegExp(
  `( )CONSTRAINT ${NAME} (?=NOT NULL(?: NO INHERIT)?$)|^CONSTRAINT ${NAME} (?=NOT NULL )`,
);

/**
 * Since version 18 a NOT NULL has a name, which PostgreSQL chooses where the application gave none: one that is free in the
 * schema at that moment. pg_dump writes only names that differ from the first choice. A partition may have the name that
 * its parent would get, and be made before it: then the parent gets another name, by pg_restore as well.
 * https://www.postgresql.org/docs/18/release-18.html
 */
function withoutChosenNames(definition: string): string {
  const [create = '', ...alterations] = splitSql(definition, ';');
  const list = aroundParentheses(create);
  if (!list) return definition;
  const items = splitSql(list.inside, ',').map((item) => item.replace(CHOSEN_NAME, '$1'));
  return [`${list.before}(${items.join(',\n')})${list.after}`, ...alterations].join(';\n');
}
