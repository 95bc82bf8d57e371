import type pg from 'pg';
import type { DatabaseAccess } from '../access.ts';
import { withConnection } from './connect.ts';

/** Extensions that only a privileged login can create, such as PostGIS. RDS lets its master user do it. */
export async function privilegedExtensions(client: pg.Client): Promise<ReadonlySet<string>> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT name::text FROM pg_catalog.pg_available_extension_versions
     GROUP BY name HAVING pg_catalog.bool_or(superuser AND NOT trusted)`,
  );
  return new Set(rows.map(({ name }) => name));
}

/**
 * Creates an extension as the login of the server, in the database of another login, and lets that one load the rows that the
 * extension marks as the application's.
 *
 * It must happen before any function is restored: an extension's script might call it with the rights of the server's login.
 */
export async function createExtensionFor(
  { createdBy, dbname, username }: { createdBy: DatabaseAccess; dbname: string; username: string },
  extension: string,
  sql: string,
): Promise<void> {
  await withConnection({ ...createdBy, dbname }, 'extension', async (client) => {
    await client.query(sql);
    const { rows } = await client.query<{ sql: string }>(
      `SELECT pg_catalog.format('GRANT %s ON %s %s TO %I',
         CASE c.relkind WHEN 'S' THEN 'ALL' ELSE 'SELECT, INSERT, UPDATE, DELETE' END,
         CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, c.oid::pg_catalog.regclass, $2::text) AS sql
       FROM pg_catalog.pg_extension e, unnest(e.extconfig) AS marked (oid)
         JOIN pg_catalog.pg_class c ON c.oid = marked.oid
       WHERE e.extname = $1`,
      [extension, username],
    );
    for (const grant of rows) await client.query(grant.sql);
  });
}
