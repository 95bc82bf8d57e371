import type pg from 'pg';
import { isLargeObjects, type TableRange } from '../table.ts';
import { divideIntoRanges, type PagedTable } from './divide-into-ranges.ts';
import { divideLargeObjects } from './large-objects/list.ts';

/** Divides tables, and the large objects among them, into parts that are read independently, largest first. */
export async function divideContent(
  client: pg.Client,
  tables: readonly PagedTable[],
  serverVersion: number,
): Promise<TableRange[]> {
  const ordinary = tables.filter((table) => !isLargeObjects(table));
  const ranges: TableRange[] = divideIntoRanges(ordinary, serverVersion);
  for (const table of tables.filter(isLargeObjects))
    ranges.push(...(await divideLargeObjects(client, table)));
  return ranges.sort((one, other) => other.bytes - one.bytes);
}
