import type { GraphTask, Touches } from '../../../concurrency/run-graph.ts';
import type { Entry } from '../archive/entry.ts';
import { splitSql } from '../sql/split-sql.ts';
import { definitionOf } from './definition.ts';

/** A statement of the post-data section, or several that run in one transaction. */
export interface PostDataTask extends GraphTask<string, number> {
  readonly entry: Entry;
  readonly sql: string;
}

/**
 * Divides entries of the post-data section into tasks, each after the entries that its own depends on.
 *
 * Only what is known to lock no other table runs beside other tasks: an index shares its table, while a key and a foreign
 * key have their tables alone. Everything else is quick and runs alone, so that no two tasks can wait for each other's locks.
 * https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-TABLES
 *
 * @param entries those to be made now
 * @param all every entry of the archive: what the dependencies refer to
 */
export function postDataTasks(entries: readonly Entry[], all: readonly Entry[]): PostDataTask[] {
  const byId = new Map(all.map((entry) => [entry.id, entry]));
  return entries.flatMap((entry) => {
    const after = entry.dependencies.map(lastTaskOf);
    const sql = definitionOf(entry);
    const touches = touchesOf(entry, byId);
    if (entry.desc !== 'INDEX') return [{ id: lastTaskOf(entry.id), after, touches, entry, sql }];
    // What follows CREATE INDEX, as CLUSTER ON, needs a stronger lock on the table. In one transaction two of them deadlock.
    const [create = sql, ...alterations] = splitSql(sql, ';');
    if (alterations.length === 0) return [{ id: lastTaskOf(entry.id), after, touches, entry, sql }];
    const creation = `${entry.id} created`;
    return [
      { id: creation, after, touches, entry, sql: create },
      {
        id: lastTaskOf(entry.id),
        after: [creation],
        touches: { exclusive: tablesOf(entry, byId).map(({ id }) => id) },
        entry,
        sql: alterations.join(';\n'),
      },
    ];
  });
}

function lastTaskOf(id: number): string {
  return String(id);
}

function touchesOf(entry: Entry, byId: ReadonlyMap<number, Entry>): Touches<number> {
  const tables = tablesOf(entry, byId);
  const ids = tables.map(({ id }) => id);
  // Without the table's kind a foreign key may reach into partitions, which have tasks of their own.
  const reachesNoOther =
    tables.length > 0 && tables.every(({ relkind }) => relkind === 'r' || relkind === 'm');
  switch (entry.desc) {
    case 'INDEX':
      return ids.length > 0 ? { shared: ids } : 'alone';
    case 'CONSTRAINT':
      return ids.length > 0 ? { exclusive: ids } : 'alone';
    case 'FK CONSTRAINT':
    case 'MATERIALIZED VIEW DATA':
      return reachesNoOther ? { exclusive: ids } : 'alone';
    default:
      return 'alone';
  }
}

const WITH_ROWS = new Set(['TABLE', 'MATERIALIZED VIEW']);

/** The tables that an entry depends on. A foreign key names the other table by its key alone. */
function tablesOf(entry: Entry, byId: ReadonlyMap<number, Entry>): Entry[] {
  const direct = dependenciesOf(entry, byId);
  const throughKeys =
    entry.desc === 'FK CONSTRAINT'
      ? direct.filter(({ desc }) => desc === 'CONSTRAINT' || desc === 'INDEX')
      : [];
  const all = [...direct, ...throughKeys.flatMap((key) => dependenciesOf(key, byId))];
  return [...new Set(all)].filter(({ desc }) => WITH_ROWS.has(desc));
}

function dependenciesOf({ dependencies }: Entry, byId: ReadonlyMap<number, Entry>): Entry[] {
  return dependencies.flatMap((id) => byId.get(id) ?? []);
}
