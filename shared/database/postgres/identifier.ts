import pg from 'pg';
import type { TableName } from '../table.ts';

/** The table's name as it stands in SQL, quoted. */
export function quoted({ schema, name }: TableName): string {
  return `${pg.escapeIdentifier(schema)}.${pg.escapeIdentifier(name)}`;
}
