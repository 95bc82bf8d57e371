import type { SourceTable } from './catalog.ts';

/** A range of a table's blocks on disk, `from` included, `to` not; the last part of a table is open. */
export interface TableRange {
  readonly table: SourceTable;
  readonly part: number;
  readonly fromPage: number;
  readonly toPage: number | null;
  /** Bytes on disk, for progress and order; an estimate. */
  readonly bytes: number;
}

/** 128 MiB of 8 KiB pages: small enough to spread one large table over all connections. */
const PAGES_PER_RANGE = 16_384;

/**
 * Divides tables into ranges that are read independently, largest first, so that the connections finish together.
 *
 * Ranges of ctid are safe inside one snapshot: a visible row version does not move, and what would rewrite the table
 * waits for the lock that the snapshot's transaction holds. Range scans over ctid exist since PostgreSQL 14; before,
 * each range would read the whole table, so there a table stays whole.
 */
export function divideIntoRanges(tables: readonly SourceTable[], serverVersion: number): TableRange[] {
  return tables
    .flatMap((table): TableRange[] => {
      const count = serverVersion >= 140000 ? Math.max(1, Math.ceil(table.pages / PAGES_PER_RANGE)) : 1;
      const pages = Math.ceil(table.pages / count);
      return Array.from({ length: count }, (_, part) => ({
        table,
        part,
        fromPage: part * pages,
        toPage: part === count - 1 ? null : (part + 1) * pages,
        bytes: Math.round(table.bytes / count),
      }));
    })
    .sort((a, b) => b.bytes - a.bytes);
}

/** The range as the end of a query: nothing where it is the whole table. */
export function whereInRange({ fromPage, toPage }: Pick<TableRange, 'fromPage' | 'toPage'>): string {
  if (fromPage === 0 && toPage === null) return '';
  const from = `ctid >= '(${fromPage},0)'::pg_catalog.tid`;
  return ` WHERE ${from}${toPage === null ? '' : ` AND ctid < '(${toPage},0)'::pg_catalog.tid`}`;
}
