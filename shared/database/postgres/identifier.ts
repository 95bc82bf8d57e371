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

/** The table's name for people, and different for every table: `public.campaigns`, `public."Weird Name"`. */
export function readable({ schema, name }: TableName): string {
  return `${quotedWhereNeeded(schema)}.${quotedWhereNeeded(name)}`;
}

function quotedWhereNeeded(name: string): string {
  return /^[a-z_][a-z0-9_$]*$/.test(name) ? name : pg.escapeIdentifier(name);
}
