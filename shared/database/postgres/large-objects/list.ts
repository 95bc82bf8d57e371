import type pg from 'pg';
import { LARGE_OBJECTS, ORDINARY_ROWS, type TableRange } from '../../table.ts';
import type { PagedTable } from '../divide-into-ranges.ts';

/** Bytes of a part: small enough to spread many objects over all connections. One object is never divided. */
const BYTES_PER_RANGE = 64 * 1024 * 1024;

/** The large objects as one table; none if the database has no large object. */
export async function listLargeObjects(client: pg.Client): Promise<PagedTable[]> {
  const { rows } = await client.query<{ there: boolean; bytes: string }>(
    `SELECT EXISTS (SELECT FROM pg_catalog.pg_largeobject_metadata) AS there,
       pg_catalog.pg_table_size('pg_catalog.pg_largeobject') AS bytes`,
  );
  const [found] = rows;
  if (!found?.there) return [];
  return [
    {
      ...LARGE_OBJECTS,
      ...ORDINARY_ROWS,
      columns: ['object', 'piece', 'bytes', 'comment'],
      bytes: Number(found.bytes),
      pages: 0,
      binaryCapable: true,
    },
  ];
}

/** Divides the large objects by their numbers into parts of about as many objects each. */
export async function divideLargeObjects(client: pg.Client, table: PagedTable): Promise<TableRange[]> {
  const wanted = Math.max(1, Math.ceil(table.bytes / BYTES_PER_RANGE));
  const { rows } = await client.query<{ first: string; last: string }>(
    `SELECT min(oid)::text AS first, max(oid)::text AS last
     FROM (SELECT oid, pg_catalog.ntile($1) OVER (ORDER BY oid) AS part FROM pg_catalog.pg_largeobject_metadata) parts
     GROUP BY part ORDER BY part`,
    [wanted],
  );
  return rows.map(({ first, last }, part) => ({
    table,
    part,
    where: ` WHERE oid BETWEEN ${first} AND ${last}`,
    bytes: Math.round(table.bytes / rows.length),
  }));
}
