import type pg from 'pg';
import type { FragileConstraint } from '../../fragile-constraint.ts';
import { serverVersionOf } from '../catalog.ts';
import { isTypeOf, MADE_OF, typesMadeOf } from '../types-made-of.ts';
import { selectCollations } from './collation-versions.ts';

/** Types that compare by more than their bytes and a collation of the constraint: composites, and those of extensions. */
const COMPARED_BY_OTHERS = typesMadeOf(
  'compared_by_others',
  `SELECT t.oid FROM pg_catalog.pg_type t WHERE t.typtype IN ('b', 'c', 'r', 'm') AND t.typcategory <> 'A'
     AND t.typnamespace <> 'pg_catalog'::pg_catalog.regnamespace`,
);

/** Indexes of keys and exclusions, and foreign keys, with the columns on both sides. Values of indexes count from 0. */
const CONSTRAINTS = `
  constraints (relation, name, expression, condition, columns, others, other, collations, operators, classes) AS (
    SELECT i.indrelid, x.relname, i.indexprs IS NOT NULL, i.indpred IS NOT NULL, i.indkey::int2[], '{}'::int2[], 0::oid,
      i.indcollation::oid[], coalesce(k.conexclop, '{}'), i.indclass::oid[]
    FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
      LEFT JOIN pg_catalog.pg_constraint k ON k.conindid = i.indexrelid AND k.contype = 'x'
    WHERE i.indisunique OR i.indisexclusion
    UNION ALL
    SELECT f.conrelid, f.conname, false, false, f.conkey, f.confkey, f.confrelid,
      ARRAY(SELECT a.attcollation FROM pg_catalog.pg_attribute a WHERE a.attrelid = f.confrelid AND a.attnum = ANY (f.confkey)),
      f.conpfeqop, '{}'
    FROM pg_catalog.pg_constraint f WHERE f.contype = 'f')`;

const COLUMN = `
  SELECT FROM pg_catalog.pg_attribute a
  WHERE (a.attrelid = k.relation AND a.attnum = ANY (k.columns) OR a.attrelid = k.other AND a.attnum = ANY (k.others))`;

const OURS = "'pg_catalog'::pg_catalog.regnamespace";

/** Reads which constraints of the application are fragile. @param client reads the snapshot of the source */
export async function readFragileConstraints(client: pg.Client): Promise<FragileConstraint[]> {
  const collations = selectCollations(await serverVersionOf(client));
  const { rows } = await client.query<FragileConstraint>(`
    WITH RECURSIVE ${MADE_OF}, ${COMPARED_BY_OTHERS}, ${CONSTRAINTS},
    known AS MATERIALIZED (${collations})
    SELECT * FROM (
      SELECT n.nspname::text AS schema, c.relname::text AS table, k.name::text AS name,
        CASE WHEN k.expression THEN 'it holds an expression, and a function may compute something else on another server'
          WHEN k.condition THEN 'it holds a condition, and a function may decide something else on another server'
          WHEN EXISTS (${COLUMN} AND a.attgenerated <> '') THEN 'it holds a generated column, which is computed again on another server'
          WHEN EXISTS (SELECT FROM known WHERE known.oid = ANY (k.collations) AND NOT known.deterministic)
            THEN 'it takes different texts for equal, by rules of a library that differ from version to version'
          WHEN EXISTS (${COLUMN} AND ${isTypeOf('compared_by_others')})
            OR EXISTS (SELECT FROM pg_catalog.pg_opclass o WHERE o.oid = ANY (k.classes) AND o.opcnamespace <> ${OURS})
            OR EXISTS (SELECT FROM pg_catalog.pg_operator o WHERE o.oid = ANY (k.operators) AND o.oprnamespace <> ${OURS})
            THEN 'it compares values by functions of the application or of an extension'
        END AS because,
        (SELECT coalesce(pg_catalog.json_agg(pg_catalog.json_build_object('schema', v.schema, 'name', v.name, 'versions',
            ARRAY(SELECT DISTINCT version FROM unnest(ARRAY[v.recorded, v.actual]) version WHERE version IS NOT NULL ORDER BY 1))
            ORDER BY 1, 2), '[]')
          FROM known v WHERE v.oid = ANY (k.collations) AND coalesce(v.recorded, v.actual) IS NOT NULL) AS collations
      FROM constraints k JOIN pg_catalog.pg_class c ON c.oid = k.relation
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'lifeboat')) found
    WHERE because IS NOT NULL OR pg_catalog.json_array_length(collations) > 0
    ORDER BY 1, 2, 3`);
  return rows;
}
