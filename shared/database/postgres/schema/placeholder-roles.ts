import pg from 'pg';
import { ScratchUnsuitable } from '../../engine.ts';

/** Marks a role that was made here, and may be dropped once no database uses it. */
export const PLACEHOLDER =
  'lifeboat placeholder: named by the schema of a restored database, without login or rights';

/** insufficient_privilege */
const NOT_ALLOWED = '42501';
/** duplicate_object and unique_violation: another restore test made it in the same moment. */
const MADE_MEANWHILE = new Set(['42710', '23505']);

/**
 * Makes the roles that a schema names and the server lacks, so that its policies can be made. They can neither log in nor
 * do anything.
 *
 * @throws ScratchUnsuitable if a role is missing and the login may not create roles
 */
export async function createPlaceholders(client: pg.Client, names: readonly string[]): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT name FROM pg_catalog.unnest($1::text[]) AS name
     WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = name)`,
    [names],
  );
  for (const { name } of rows)
    await createPlaceholder(
      client,
      name,
      rows.map((row) => row.name),
    );
}

/** Which of the roles are placeholders. */
export async function placeholdersAmong(client: pg.Client, names: readonly string[]): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT rolname AS name FROM pg_catalog.pg_roles
     WHERE rolname = ANY ($1) AND pg_catalog.shobj_description(oid, 'pg_authid') = $2 ORDER BY 1`,
    [names, PLACEHOLDER],
  );
  return rows.map(({ name }) => name);
}

async function createPlaceholder(client: pg.Client, name: string, missing: readonly string[]): Promise<void> {
  const role = pg.escapeIdentifier(name);
  try {
    await client.query(
      `CREATE ROLE ${role} NOLOGIN; COMMENT ON ROLE ${role} IS ${pg.escapeLiteral(PLACEHOLDER)}`,
    );
  } catch (cause) {
    const code = cause instanceof pg.DatabaseError ? (cause.code ?? '') : '';
    if (MADE_MEANWHILE.has(code)) return;
    if (code !== NOT_ALLOWED) throw cause;
    throw new ScratchUnsuitable(
      `the schema names roles that the scratch server lacks: ${missing.join(', ')}`,
      {
        cause,
        hint: `Give the scratch login CREATEROLE, or create them there: CREATE ROLE ${role} NOLOGIN`,
      },
    );
  }
}
