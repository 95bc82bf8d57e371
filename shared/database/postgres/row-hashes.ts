import type pg from 'pg';
import type { RowHash, RowsToHash } from '../engine.ts';
import type { TableFingerprint } from '../fingerprint.ts';
import type { TableName } from '../table.ts';
import { hashedRow } from './hashed-row.ts';
import { quoted } from './identifier.ts';
import { storedColumns } from './stored-columns.ts';

/** Groups of rows. Where few rows differ, few groups do, and only those are sorted by the server. */
const GROUPS = 1024;
const ROWS_AT_ONCE = 5_000;

/**
 * The stored columns of a table, and the key that tells its rows apart: the primary key, or else a unique index over columns
 * that cannot be null.
 */
export async function identityOf(
  client: pg.Client,
  table: TableName,
): Promise<{ columns: string[]; key: string[] | null }> {
  const columns = (await storedColumns(client, table)).map(({ name }) => name);
  const { rows } = await client.query<{ key: string[] }>(
    `SELECT pg_catalog.array_agg(a.attname::text ORDER BY a.attname COLLATE "C") AS key
     FROM pg_catalog.pg_index i
       JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey[0:i.indnkeyatts - 1])
     WHERE i.indrelid = $1::pg_catalog.regclass AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL
     GROUP BY i.indexrelid, i.indisprimary
     HAVING pg_catalog.bool_and(a.attnotnull)
     ORDER BY i.indisprimary DESC, pg_catalog.count(*), i.indexrelid LIMIT 1`,
    [quoted(table)],
  );
  const key = rows[0]?.key;
  return { columns, key: key?.every((column) => columns.includes(column)) ? key : null };
}

export async function hashGroups(
  client: pg.Client,
  of: RowsToHash,
): Promise<ReadonlyMap<number, TableFingerprint>> {
  const { rows } = await client.query<TableFingerprint & { group: number }>(
    `SELECT (k & ${GROUPS - 1})::int4 AS "group", pg_catalog.count(*)::text AS rows, pg_catalog.sum(r)::text AS content
     FROM (${await selectHashes(client, of)}) AS hashed GROUP BY 1`,
  );
  return new Map(rows.map(({ group, ...fingerprint }) => [group, fingerprint]));
}

export async function* readHashes(
  client: pg.Client,
  of: RowsToHash,
  groups: readonly number[],
): AsyncGenerator<readonly RowHash[]> {
  await client.query(
    `DECLARE row_hashes NO SCROLL CURSOR FOR
     SELECT k::text AS key, r::text AS row FROM (${await selectHashes(client, of)}) AS hashed
     WHERE (k & ${GROUPS - 1})::int4 = ANY ('{${groups.map(Number).join(',')}}') ORDER BY hashed.k, hashed.r`,
  );
  for (;;) {
    const { rows } = await client.query<{ key: string; row: string }>(
      `FETCH ${ROWS_AT_ONCE} FROM row_hashes`,
    );
    if (rows.length === 0) break;
    yield rows.map(({ key, row }) => ({ key: BigInt(key), row: BigInt(row) }));
  }
  await client.query('CLOSE row_hashes');
}

async function selectHashes(
  client: pg.Client,
  { table, partitioned, key, columns }: RowsToHash,
): Promise<string> {
  const stored = await storedColumns(client, table);
  const hashOf = (names: readonly string[]) => hashedRow(stored.filter(({ name }) => names.includes(name)));
  return `SELECT ${hashOf(key)} AS k, ${hashOf(columns)} AS r FROM ${partitioned ? '' : 'ONLY '}${quoted(table)}`;
}
