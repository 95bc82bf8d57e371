import type pg from 'pg';
import type { TableName } from '../table.ts';
import { quoted } from './identifier.ts';
import { IS_NEVER_READ_BACK } from './never-read-back.ts';

/** How large the values of a column can be, and what tells their size without reading them. */
export type ColumnSize =
  /** At most some hundred kilobytes. */
  | 'small'
  /** Text; `octet_length` reads its size from the head of the value. */
  | 'text'
  /** Bytes; `octet_length` as for text. Written as text they are twice as long. */
  | 'bytes'
  /** Of another type, such as jsonb or an array. */
  | 'large';

export interface StoredColumn {
  readonly name: string;
  readonly size: ColumnSize;
}

/**
 * Every column with stored values, generated ones too, by name. A virtual column has none: it is computed when it is read.
 */
export async function storedColumns(client: pg.Client, table: TableName): Promise<StoredColumn[]> {
  const { rows } = await client.query<StoredColumn>(
    `SELECT a.attname AS name, CASE
       WHEN base.namespace = 'pg_catalog' AND base.name IN ('text', 'varchar', 'bpchar') THEN 'text'
       WHEN base.namespace = 'pg_catalog' AND base.name = 'bytea' THEN 'bytes'
       WHEN a.attlen <> -1 OR base.namespace = 'pg_catalog' AND base.name IN ('numeric', 'inet', 'cidr') THEN 'small'
       ELSE 'large' END AS size
     FROM pg_catalog.pg_attribute a, LATERAL (
       WITH RECURSIVE base AS (
         SELECT t.oid, t.typbasetype, t.typname::text AS name, t.typnamespace::pg_catalog.regnamespace::text AS namespace
           FROM pg_catalog.pg_type t WHERE t.oid = a.atttypid
         UNION ALL SELECT t.oid, t.typbasetype, t.typname::text, t.typnamespace::pg_catalog.regnamespace::text
           FROM base JOIN pg_catalog.pg_type t ON t.oid = base.typbasetype)
       SELECT name, namespace FROM base WHERE typbasetype = 0) AS base
     WHERE a.attrelid = $1::pg_catalog.regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated <> 'v'
       AND NOT ${IS_NEVER_READ_BACK}
     ORDER BY a.attname COLLATE "C"`,
    [quoted(table)],
  );
  return rows;
}
