import pg from 'pg';
import type { StoredColumn } from './stored-columns.ts';

/**
 * Bytes of text and bytea in a row from which each large value is hashed by itself. PostgreSQL cannot make a text of more
 * than 1 GiB, and a row as text doubles its bytes and its quotes. Hashing one by one is faster too for large values.
 */
const LARGE_ROW_BYTES = 65_536;

/**
 * The 64-bit hash of a row, as an SQL expression over the columns of its table.
 *
 * The whole row goes through one hash, so values that change places between columns or rows show. Columns are sorted by
 * name: a table that inherits has them in another order once it is created again. Text output is the same for equal content
 * on every supported version once the session's format is pinned (see connect). `hashtextextended` is the hash of
 * partitioning, which may not change between versions.
 * https://www.postgresql.org/docs/current/ddl-partitioning.html
 */
export function hashedRow(columns: readonly StoredColumn[]): string {
  const whole = hash(`ROW(${columns.map(({ name }) => pg.escapeIdentifier(name)).join(', ')})::text`);
  const sizes = columns
    .filter(({ size }) => size === 'text' || size === 'bytes')
    .map(({ name }) => `coalesce(pg_catalog.octet_length(${pg.escapeIdentifier(name)}), 0)::int8`);
  if (sizes.length === 0) return whole;
  const large = hash(`ROW(${columns.map(hashedValue).join(', ')})::text`);
  return `CASE WHEN ${sizes.join(' + ')} < ${LARGE_ROW_BYTES} THEN ${whole} ELSE ${large} END`;
}

function hashedValue({ name, size }: StoredColumn): string {
  const value = pg.escapeIdentifier(name);
  switch (size) {
    case 'small':
      return value;
    case 'text':
      return hash(value);
    case 'bytes':
      return `pg_catalog.sha256(${value})`;
    case 'large':
      // A cast could call a function of the application. `format` calls the type's output function, as ROW does.
      return `CASE WHEN ${value} IS DISTINCT FROM NULL THEN ${hash(`pg_catalog.format('%s', ${value})`)} END`;
  }
}

function hash(text: string): string {
  return `pg_catalog.hashtextextended(${text} COLLATE "C", 0)`;
}
