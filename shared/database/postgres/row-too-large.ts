import pg from 'pg';
import { RowTooLarge } from '../engine.ts';
import { readable, type SourceTable } from '../table.ts';
import { quoted } from './identifier.ts';
import { storedColumns } from './stored-columns.ts';

/**
 * True of the errors by which PostgreSQL says that a value is larger than it can build: 1 GiB. One of them has no code of
 * its own.
 */
export function isTooLarge(error: unknown): boolean {
  if (!(error instanceof pg.DatabaseError)) return false;
  return error.code === '54000' || (error.code === 'XX000' && /invalid memory alloc/.test(error.message));
}

/**
 * Names the largest row of a part of a table. It reads sizes only: those of text and bytea as they are, those of other types
 * as they are stored.
 *
 * @param client in a transaction that reads the same moment and has not failed
 * @param where the part, as the end of a query
 */
export async function namingLargestRow(
  client: pg.Client,
  table: SourceTable,
  where: string,
  cause: unknown,
): Promise<RowTooLarge> {
  const columns = await storedColumns(client, table);
  const size = ({ name, size }: (typeof columns)[number]) => {
    const stored = size === 'text' || size === 'bytes' ? 'octet_length' : 'pg_column_size';
    return `coalesce(pg_catalog.${stored}(${pg.escapeIdentifier(name)}), 0)::int8`;
  };
  const sizes = columns.map(size);
  const { rows } = await client.query<{ row: string; sizes: string[] }>(
    `SELECT ctid::text AS row, ARRAY[${sizes.join(', ')}]::text[] AS sizes FROM ONLY ${quoted(table)}${where}
     ORDER BY ${sizes.join(' + ')} DESC LIMIT 1`,
  );
  const [largest] = rows;
  const reason = cause instanceof Error ? cause.message : String(cause);
  if (!largest) return new RowTooLarge(`${readable(table)}: ${reason}`, { cause });
  const parts = columns
    .map(({ name }, index) => ({ name, bytes: Number(largest.sizes[index]) }))
    .sort((one, other) => other.bytes - one.bytes);
  const shown = parts.slice(0, 3).map(({ name, bytes }) => `${inMegabytes(bytes)} in "${name}"`);
  const total = parts.reduce((sum, { bytes }) => sum + bytes, 0);
  return new RowTooLarge(
    `${readable(table)}: PostgreSQL cannot write its row at ctid ${largest.row} of ${inMegabytes(total)} (${shown.join(', ')}): ${reason}`,
    { cause },
  );
}

function inMegabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1_000_000)} MB`;
}
