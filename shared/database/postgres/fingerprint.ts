import type pg from 'pg';
import type { TableFingerprint } from '../fingerprint.ts';
import { isLargeObjects, type TableName } from '../table.ts';
import { hashedRow } from './hashed-row.ts';
import { quoted } from './identifier.ts';
import { countPieces, fingerprintLargeObjects } from './large-objects/fingerprint.ts';
import { storedColumns } from './stored-columns.ts';

/**
 * Computes inside PostgreSQL how many rows a table holds and a fingerprint of their content.
 *
 * The content is the sum of a 64-bit hash of each row. A sum does not depend on the order of rows, and unlike XOR it does
 * not cancel two equal rows. `hashed-row.ts` says how a row is hashed. The fingerprint finds damage and loss. It does not
 * defend against forgery (docs/decisions/0004).
 *
 * @param where limits the query to a range of the table; the whole table by default. The fingerprints of a table's ranges
 * add up to its own.
 */
export async function fingerprintTable(
  client: pg.Client,
  table: TableName,
  where = '',
): Promise<TableFingerprint> {
  if (isLargeObjects(table)) return fingerprintLargeObjects(client, where);
  const row = hashedRow(await storedColumns(client, table));
  const { rows } = await client.query<TableFingerprint>(`
    SELECT count(*)::text AS rows, coalesce(sum(${row}), 0)::text AS content FROM ONLY ${quoted(table)}${where}`);
  const found = rows[0];
  if (!found) throw new Error(`no fingerprint of ${quoted(table)}`);
  return { rows: found.rows, content: found.content };
}

/** Counts the rows of a whole table. Decimal text. */
export async function countRows(client: pg.Client, table: TableName): Promise<string> {
  if (isLargeObjects(table)) return countPieces(client);
  const { rows } = await client.query<{ rows: string }>(
    `SELECT count(*)::text AS rows FROM ONLY ${quoted(table)}`,
  );
  if (!rows[0]) throw new Error(`no count of ${quoted(table)}`);
  return rows[0].rows;
}
