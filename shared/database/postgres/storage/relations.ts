import type pg from 'pg';

/** A relation with blocks of its own. */
export interface Relation {
  readonly oid: number;
  /** `public.orders`, or for an index `index orders_pkey of public.orders`. */
  readonly name: string;
  /** The table that it belongs to: itself, that of an index, or that of which it keeps the long values. */
  readonly table: string;
  readonly kind: 'table' | 'index' | 'toast' | 'sequence';
  readonly blocks: number;
  /** The login may read it. */
  readonly readable: boolean;
  /** Of PostgreSQL itself. */
  readonly system: boolean;
}

/**
 * Lists the relations of the database in order of their numbers. Temporary and unlogged ones are left out: after a restore they
 * are empty.
 */
export async function listRelations(client: pg.Client): Promise<Relation[]> {
  const { rows } = await client.query<{
    oid: string;
    name: string;
    table: string;
    kind: Relation['kind'];
    blocks: string;
    readable: boolean;
    system: boolean;
  }>(`
    WITH owned AS (
      SELECT c.oid, c.relkind, c.relname,
        coalesce(i.indrelid, c.oid) AS heap
      FROM pg_catalog.pg_class c LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid
      WHERE c.relkind IN ('r', 'm', 'i', 't', 'S') AND c.relpersistence = 'p'),
    named AS (
      SELECT o.*, coalesce(t.oid, o.heap) AS base
      FROM owned o LEFT JOIN pg_catalog.pg_class t ON t.reltoastrelid = o.heap)
    SELECT o.oid, pg_catalog.format('%s.%s', n.nspname, b.relname) AS table,
      CASE WHEN o.relkind = 'i' THEN pg_catalog.format('index %s of %s.%s', o.relname, n.nspname, b.relname)
        WHEN o.relkind = 't' THEN pg_catalog.format('long values of %s.%s', n.nspname, b.relname)
        ELSE pg_catalog.format('%s.%s', n.nspname, b.relname) END AS name,
      CASE o.relkind WHEN 'i' THEN 'index' WHEN 't' THEN 'toast' WHEN 'S' THEN 'sequence' ELSE 'table' END AS kind,
      coalesce(pg_catalog.pg_relation_size(o.oid), 0) / pg_catalog.current_setting('block_size')::int8 AS blocks,
      pg_catalog.has_table_privilege(o.oid, 'SELECT') AS readable,
      n.nspname IN ('pg_catalog', 'information_schema') AS system
    FROM named o JOIN pg_catalog.pg_class b ON b.oid = o.base JOIN pg_catalog.pg_namespace n ON n.oid = b.relnamespace
    ORDER BY o.oid`);
  return rows.map((row) => ({ ...row, oid: Number(row.oid), blocks: Number(row.blocks) }));
}
