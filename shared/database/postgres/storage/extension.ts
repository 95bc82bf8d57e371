import pg from 'pg';

/** It is not installed, or this login may not create it. */
const MISSING = ['0A000', '58P01', '42501', '22023', '3F000'];

/**
 * Creates an extension in the copy if it is missing.
 *
 * @returns the schema of its functions, quoted; null if the server does not have it, or this login may not
 */
export async function addExtension(
  client: pg.Client,
  name: 'pg_prewarm' | 'amcheck',
): Promise<string | null> {
  try {
    await client.query(`CREATE EXTENSION IF NOT EXISTS ${name} WITH SCHEMA public`);
  } catch (error) {
    if (error instanceof pg.DatabaseError && MISSING.includes(error.code ?? '')) return null;
    throw error;
  }
  const { rows } = await client.query<{ schema: string }>(
    `SELECT pg_catalog.quote_ident(n.nspname) AS schema FROM pg_catalog.pg_extension e
      JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = $1`,
    [name],
  );
  return rows[0]?.schema ?? null;
}
