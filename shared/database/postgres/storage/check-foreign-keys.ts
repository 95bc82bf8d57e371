import { shareOut } from '../../../concurrency/share-out.ts';
import type { StorageFault } from '../../engine.ts';
import type { Connections } from '../connections.ts';
import { corruptionIn, whyUnchecked } from './damage.ts';

interface ForeignKey {
  readonly name: string;
  readonly table: string;
  readonly child: string;
  readonly parent: string;
  readonly columns: string[];
  readonly keys: string[];
  /** A row with one null among its columns is no violation, unless the key says MATCH FULL. */
  readonly full: boolean;
}

/**
 * Looks for rows whose foreign key leads nowhere. Only keys that the catalogue calls valid: the application has accepted the
 * others as they are.
 */
export async function checkForeignKeys(
  connections: Connections,
  signal: AbortSignal,
  hasTime: () => boolean,
): Promise<{ faults: StorageFault[]; unchecked: string[] }> {
  const [first] = connections;
  const { rows: keys } = await first.query<ForeignKey>(`
    SELECT k.conname AS name, pg_catalog.format('%s.%s', n.nspname, t.relname) AS table,
      pg_catalog.format('%I.%I', n.nspname, t.relname) AS child, pg_catalog.format('%I.%I', pn.nspname, p.relname) AS parent,
      (SELECT pg_catalog.array_agg(pg_catalog.quote_ident(a.attname) ORDER BY o) FROM unnest(k.conkey) WITH ORDINALITY AS u(n, o)
        JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.n) AS columns,
      (SELECT pg_catalog.array_agg(pg_catalog.quote_ident(a.attname) ORDER BY o) FROM unnest(k.confkey) WITH ORDINALITY AS u(n, o)
        JOIN pg_catalog.pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.n) AS keys,
      k.confmatchtype = 'f' AS full
    FROM pg_catalog.pg_constraint k
      JOIN pg_catalog.pg_class t ON t.oid = k.conrelid JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
      JOIN pg_catalog.pg_class p ON p.oid = k.confrelid JOIN pg_catalog.pg_namespace pn ON pn.oid = p.relnamespace
    WHERE k.contype = 'f' AND k.convalidated AND k.conparentid = 0
      -- A temporal key is satisfied by several rows together.
      AND NOT coalesce((pg_catalog.to_jsonb(k) ->> 'conperiod')::boolean, false)
      AND coalesce((pg_catalog.to_jsonb(k) ->> 'conenforced')::boolean, true)
    ORDER BY pg_catalog.pg_relation_size(t.oid)`);
  const faults: StorageFault[] = [];
  const unchecked: string[] = [];
  await shareOut(connections, keys, signal, async (connection, key) => {
    if (!hasTime()) {
      unchecked.push(`foreign key ${key.name}: there was no time left`);
      return;
    }
    try {
      const { rows } = await connection.query<{ broken: boolean }>(
        `SELECT EXISTS (${broken(key)}) AS broken`,
      );
      if (rows[0]?.broken) faults.push({ table: key.table, reason: `rows break foreign key ${key.name}` });
    } catch (error) {
      const corruption = corruptionIn(error);
      if (corruption !== null) faults.push({ table: key.table, reason: corruption });
      else {
        const why = whyUnchecked(error);
        if (why === null) throw error;
        unchecked.push(`foreign key ${key.name}: ${why}`);
      }
    }
  });
  return { faults, unchecked };
}

/** A child without its parent. A partitioned table includes its partitions. */
function broken({ child, parent, columns, keys, full }: ForeignKey): string {
  const filled = columns.map((column) => `c.${column} IS NOT NULL`).join(full ? ' OR ' : ' AND ');
  const equal = columns.map((column, at) => `c.${column} = p.${keys[at]}`).join(' AND ');
  return `SELECT FROM ${child} c WHERE (${filled}) AND NOT EXISTS (SELECT FROM ${parent} p WHERE ${equal})`;
}
