import type pg from 'pg';
import type { TableName } from '../table.ts';
import { quoted } from './identifier.ts';

/** Tables whose policies act on this role only because of FORCE: it owns them. */
const FORCED = `c.relkind IN ('r', 'p') AND c.relrowsecurity AND c.relforcerowsecurity
  AND pg_catalog.pg_has_role(c.relowner, 'USAGE') AND pg_catalog.row_security_active(c.oid)`;

/**
 * Suspends FORCE ROW LEVEL SECURITY until the transaction ends, in the tables that this role owns. It must be rolled back.
 * Where the role is no owner and lacks BYPASSRLS, reading raises an error instead of hiding rows.
 *
 * @param only one table; all of the database by default
 */
export async function suspendForcedPolicies(client: pg.Client, only?: TableName): Promise<void> {
  const { rows } = await client.query<TableName>(
    `SELECT n.nspname AS schema, c.relname AS name
     FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE ${FORCED} AND ($1::text IS NULL OR c.oid = $1::pg_catalog.regclass)
     ORDER BY c.oid`,
    [only ? quoted(only) : null],
  );
  for (const table of rows)
    await client.query(`ALTER TABLE ONLY ${quoted(table)} NO FORCE ROW LEVEL SECURITY`);
}

/** Reads a table of a copy past the policies that its owner is subject to. The lock of one table is held at a time. */
export async function pastForcedPolicies<T>(
  client: pg.Client,
  table: TableName,
  work: () => Promise<T>,
): Promise<T> {
  await client.query('BEGIN');
  try {
    await suspendForcedPolicies(client, table);
    return await work();
  } finally {
    // The connection may be lost. Then nothing is left to roll back.
    await client.query('ROLLBACK').catch(() => {});
  }
}
