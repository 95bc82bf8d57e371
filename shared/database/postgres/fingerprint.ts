import pg from 'pg';
import { quoted, type TableName } from './identifier.ts';
import { type TableRange, whereInRange } from './table-range.ts';

/** What a table holds, in two numbers, as decimal text because they exceed what a JavaScript number can hold. */
export interface TableFingerprint {
  readonly rows: string;
  readonly content: string;
}

/**
 * Computes inside PostgreSQL how many rows a table holds and a fingerprint of what is in them.
 *
 * The content is the sum of a 64-bit hash of each row written as text. A sum does not care about the order of rows, and
 * unlike XOR does not cancel two equal rows. The whole row goes through one hash, so that values that change places
 * between columns or rows show. Columns stand in the order of their names: a table that inherits has them in another order
 * once it is made again. Text output is the same for equal content on every supported version once the session's format
 * is pinned (see connect), and `hashtextextended` is the hash that partitioning stands on, which may not change between
 * versions. It finds damage and loss; it is no defence against a forger (docs/decisions/0004).
 * https://www.postgresql.org/docs/current/ddl-partitioning.html
 *
 * @param range the part of the table to look at; all of it unless told otherwise. The fingerprints of a table's ranges add
 * up to its own.
 */
export async function fingerprintTable(
  client: pg.Client,
  table: TableName,
  range: Pick<TableRange, 'fromPage' | 'toPage'> = { fromPage: 0, toPage: null },
): Promise<TableFingerprint> {
  const columns = (await columnNames(client, table)).map((column) => pg.escapeIdentifier(column));
  const { rows } = await client.query<TableFingerprint>(`
    SELECT count(*)::text AS rows,
      coalesce(sum(pg_catalog.hashtextextended(ROW(${columns.join(', ')})::text COLLATE "C", 0)), 0)::text AS content
    FROM ONLY ${quoted(table)}${whereInRange(range)}`);
  const found = rows[0];
  if (!found) throw new Error(`no fingerprint of ${quoted(table)}`);
  return { rows: found.rows, content: found.content };
}

/** How many rows a table holds, whatever its ranges are. Decimal text. */
export async function countRows(client: pg.Client, table: TableName): Promise<string> {
  const { rows } = await client.query<{ rows: string }>(
    `SELECT count(*)::text AS rows FROM ONLY ${quoted(table)}`,
  );
  if (!rows[0]) throw new Error(`no count of ${quoted(table)}`);
  return rows[0].rows;
}

/** The fingerprint of what several ranges hold together. */
export function addFingerprints(fingerprints: readonly TableFingerprint[]): TableFingerprint {
  const sum = (of: (each: TableFingerprint) => string) =>
    String(fingerprints.reduce((total, each) => total + BigInt(of(each)), 0n));
  return { rows: sum(({ rows }) => rows), content: sum(({ content }) => content) };
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
