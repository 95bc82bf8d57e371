import type pg from 'pg';

/** What the catalogue says of a definition, and pg_dump does not. */
export interface SchemaFacts {
  /** Roles that policies and user mappings name. */
  readonly roles: readonly string[];
  readonly subscriptions: readonly string[];
  /** Indexes that cannot be used. */
  readonly invalidIndexes: readonly string[];
  /** Those among them that pg_dump leaves out. An index of a partitioned table it writes, valid or not. */
  readonly unfinishedIndexes: readonly string[];
}

/** Asks the catalogue of the connected database. */
export async function readSchemaFacts(client: pg.Client): Promise<SchemaFacts> {
  const invalid = await readInvalidIndexes(client);
  return {
    roles: await names(
      client,
      `SELECT r.rolname AS name FROM pg_catalog.pg_policy p JOIN pg_catalog.pg_roles r ON r.oid = ANY (p.polroles)
       UNION SELECT r.rolname FROM pg_catalog.pg_user_mappings m JOIN pg_catalog.pg_roles r ON r.oid = m.umuser
       ORDER BY 1`,
    ),
    subscriptions: await names(
      client,
      `SELECT s.subname AS name FROM pg_catalog.pg_subscription s JOIN pg_catalog.pg_database d ON d.oid = s.subdbid
       WHERE d.datname = pg_catalog.current_database() ORDER BY 1`,
    ),
    invalidIndexes: invalid.map(({ name }) => name),
    unfinishedIndexes: invalid.filter(({ partitioned }) => !partitioned).map(({ name }) => name),
  };
}

/** Indexes of the application's tables that cannot be used. */
export async function readInvalidIndexes(
  client: pg.Client,
): Promise<{ readonly name: string; readonly partitioned: boolean }[]> {
  const { rows } = await client.query<{ name: string; partitioned: boolean }>(
    `SELECT i.indexrelid::pg_catalog.regclass::text AS name, c.relkind = 'I' AS partitioned
     FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
     WHERE NOT i.indisvalid AND c.relnamespace <> 'pg_toast'::pg_catalog.regnamespace ORDER BY 1`,
  );
  return rows;
}

async function names(client: pg.Client, sql: string): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(sql);
  return rows.map(({ name }) => name);
}
