import pg from 'pg';
import type { Entry } from '../archive/entry.ts';
import { quoted } from '../identifier.ts';

const DEFAULT_ACCESS_METHOD = 'heap';

/**
 * The SQL that makes an entry. pg_dump keeps the access method of a table beside its definition, and pg_restore adds it.
 * A partitioned table has none of its own: it is what its partitions get.
 * https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-DESC-SET-ACCESS-METHOD
 */
export function definitionOf({ definition, tableAccessMethod, relkind, namespace, tag }: Entry): string {
  if (tableAccessMethod === null) return definition;
  const method = pg.escapeIdentifier(tableAccessMethod);
  if (relkind === 'p' && namespace !== null)
    return `${definition}\nALTER TABLE ONLY ${quoted({ schema: namespace, name: tag })} SET ACCESS METHOD ${method};\n`;
  if (tableAccessMethod === DEFAULT_ACCESS_METHOD) return definition;
  return `SET default_table_access_method = ${method};\n${definition}\nSET default_table_access_method = ${DEFAULT_ACCESS_METHOD};\n`;
}
