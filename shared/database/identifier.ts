import pg from 'pg';

/** Names a table by schema and name, both as stored in the catalogue (unquoted). */
export interface TableName {
  readonly schema: string;
  readonly name: string;
}

/** The table's name as it stands in SQL, quoted. */
export function quoted({ schema, name }: TableName): string {
  return `${pg.escapeIdentifier(schema)}.${pg.escapeIdentifier(name)}`;
}

/** The table's name for people, unquoted: `public.campaigns`. */
export function readable({ schema, name }: TableName): string {
  return `${schema}.${name}`;
}
