import pg from 'pg';
import type { TableFingerprint } from '../fingerprint.ts';
import type { TableName } from '../table.ts';
import { quoted } from './identifier.ts';

/**
 * Computes inside PostgreSQL how many rows a table holds and a fingerprint of their content.
 *
 * The content is the sum of a 64-bit hash of each row written as text. A sum does not depend on the order of rows, and
 * unlike XOR it does not cancel two equal rows. The whole row goes through one hash, so values that change places between
 * columns or rows show. Columns are sorted by name: a table that inherits has them in another order once it is created
 * again. Text output is the same for equal content on every supported version once the session's format is pinned (see
 * connect). `hashtextextended` is the hash of partitioning, which may not change between versions. The fingerprint finds
 * damage and loss. It does not defend against forgery (docs/decisions/0004).
 * https://www.postgresql.org/docs/current/ddl-partitioning.html
 *
 * @param where limits the query to a range of the table; the whole table by default. The fingerprints of a table's ranges
 * add up to its own.
 */
export async function fingerprintTable(
  client: pg.Client,
  table: TableName,
  where = '',
): Promise<TableFingerprint> {
  const columns = (await columnNames(client, table)).map((column) => pg.escapeIdentifier(column));
  const { rows } = await client.query<TableFingerprint>(`
    SELECT count(*)::text AS rows,
      coalesce(sum(pg_catalog.hashtextextended(ROW(${columns.join(', ')})::text COLLATE "C", 0)), 0)::text AS content
    FROM ONLY ${quoted(table)}${where}`);
  const found = rows[0];
  if (!found) throw new Error(`no fingerprint of ${quoted(table)}`);
  return { rows: found.rows, content: found.content };
}

/** Counts the rows of a whole table. Decimal text. */
export async function countRows(client: pg.Client, table: TableName): Promise<string> {
  const { rows } = await client.query<{ rows: string }>(
    `SELECT count(*)::text AS rows FROM ONLY ${quoted(table)}`,
  );
  if (!rows[0]) throw new Error(`no count of ${quoted(table)}`);
  return rows[0].rows;
}

/** Every column, generated ones too, by name. */
async function columnNames(client: pg.Client, table: TableName): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT attname AS name FROM pg_catalog.pg_attribute
     WHERE attrelid = $1::pg_catalog.regclass AND attnum > 0 AND NOT attisdropped ORDER BY attname COLLATE "C"`,
    [quoted(table)],
  );
  return rows.map(({ name }) => name);
}
