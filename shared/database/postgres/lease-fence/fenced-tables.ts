import type pg from 'pg';
import { FenceRefused } from '../../lease-fence.ts';
import { readable, type TableName } from '../../table.ts';

/** A table of the plan, or a part of one that can be written by its own name. */
export interface TableToFence extends TableName {
  /** A partition of another one of them: it gets the row triggers of its parent from PostgreSQL. */
  readonly isPartition: boolean;
}

/**
 * The tables with all their partitions and heirs. A statement that names a partition does not reach the statement triggers of
 * its parent. https://www.postgresql.org/docs/current/trigger-definition.html
 *
 * @throws FenceRefused naming what is no table, or what cannot have such triggers
 */
export async function tablesToFence(
  client: pg.Client,
  tables: readonly TableName[],
): Promise<TableToFence[]> {
  const { rows } = await client.query<TableToFence & { root: string; kind: string }>(
    `WITH RECURSIVE tree AS (
       SELECT c.oid, n.nspname || '.' || c.relname AS root, false AS inherited
       FROM unnest($1::text[], $2::text[]) AS wanted (schema, name)
       JOIN pg_catalog.pg_namespace n ON n.nspname = wanted.schema
       JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = wanted.name
       UNION
       SELECT i.inhrelid, tree.root, true FROM tree JOIN pg_catalog.pg_inherits i ON i.inhparent = tree.oid
     )
     SELECT n.nspname AS schema, c.relname AS name, c.relkind AS kind, c.relispartition AND tree.inherited AS "isPartition", tree.root
     FROM tree JOIN pg_catalog.pg_class c ON c.oid = tree.oid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind NOT IN ('i', 'I')
     ORDER BY 4, n.nspname, c.relname`,
    [tables.map(({ schema }) => schema), tables.map(({ name }) => name)],
  );
  const found = new Set(rows.map(({ root }) => root));
  const absent = tables.filter(({ schema, name }) => !found.has(`${schema}.${name}`)).map(readable);
  if (absent.length > 0)
    throw new FenceRefused(
      `the lease of the plan names ${absent.join(', ')}, which ${absent.length === 1 ? 'is' : 'are'} not in the database`,
      { hint: 'Correct the plan, or create the table first.' },
    );
  const other = rows.filter(({ kind }) => kind !== 'r' && kind !== 'p').map(readable);
  if (other.length > 0)
    throw new FenceRefused(
      `${other.join(', ')}: not a table of this database, so no check at commit can be put on it`,
      {
        hint: 'A view is fenced through its tables: name those. A foreign table is written on another server.',
      },
    );
  const once = new Map(
    rows.map(({ schema, name, isPartition }) => [`${schema}.${name}`, { schema, name, isPartition }]),
  );
  return [...once.values()];
}
