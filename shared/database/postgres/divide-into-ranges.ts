import type { SourceTable, TableRange } from '../table.ts';

/** A table with the data needed to divide it into ranges. */
export interface PagedTable extends SourceTable {
  /** Blocks of 8 KiB in the table's main fork when the catalogue was read. */
  readonly pages: number;
}

/** A range of a table's blocks on disk, `fromPage` included, `toPage` not. The last part of a table is open. */
export interface Pages {
  readonly fromPage: number;
  readonly toPage: number | null;
}

/** 128 MiB of 8 KiB pages: small enough to spread one large table over all connections. */
const PAGES_PER_RANGE = 16_384;

/**
 * Divides tables into ranges that are read independently, largest first, so that the connections finish together.
 *
 * Ranges of ctid are safe inside one snapshot: a visible row version does not move, and what would rewrite the table
 * waits for the lock that the snapshot's transaction holds. Range scans over ctid exist since PostgreSQL 14. Before 14
 * each range would read the whole table, so there a table stays whole.
 */
export function divideIntoRanges(
  tables: readonly PagedTable[],
  serverVersion: number,
): (TableRange & Pages)[] {
  return tables
    .flatMap((table) => {
      if (table.extension) {
        const whole = { fromPage: 0, toPage: null };
        return [{ table, part: 0, ...whole, where: table.extension.where, bytes: table.bytes }];
      }
      const count = serverVersion >= 140000 ? Math.max(1, Math.ceil(table.pages / PAGES_PER_RANGE)) : 1;
      const pages = Math.ceil(table.pages / count);
      return Array.from({ length: count }, (_, part) => {
        const range: Pages = {
          fromPage: part * pages,
          toPage: part === count - 1 ? null : (part + 1) * pages,
        };
        return { table, part, ...range, where: whereInRange(range), bytes: Math.round(table.bytes / count) };
      });
    })
    .sort((a, b) => b.bytes - a.bytes);
}

/** The range as the end of a query; empty for a whole table. */
export function whereInRange({ fromPage, toPage }: Pages): string {
  if (fromPage === 0 && toPage === null) return '';
  const from = `ctid >= '(${fromPage},0)'::pg_catalog.tid`;
  return ` WHERE ${from}${toPage === null ? '' : ` AND ctid < '(${toPage},0)'::pg_catalog.tid`}`;
}
