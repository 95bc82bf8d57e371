import { isTypeOf, typesMadeOf } from './types-made-of.ts';

/**
 * Functions and operators of the application that PostgreSQL calls for each row that is loaded. Those of the system are not
 * in `pg_depend`. Those of extensions seldom read tables of the application.
 *
 * @param dependent which object calls, as a condition on `pg_depend d`
 */
const callsApplication = (dependent: string): string => `
  EXISTS (SELECT FROM pg_catalog.pg_depend d
    WHERE ${dependent}
      AND d.refclassid IN ('pg_catalog.pg_proc'::pg_catalog.regclass, 'pg_catalog.pg_operator'::pg_catalog.regclass)
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend e
        WHERE e.classid = d.refclassid AND e.objid = d.refobjid AND e.deptype = 'e'))`;

const CONSTRAINT = "d.classid = 'pg_catalog.pg_constraint'::pg_catalog.regclass AND d.objid = k.oid";
const EXPRESSION = "d.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass AND d.objid = g.oid";
/** Before PostgreSQL 15 the column itself depends on what its expression calls. */
const COLUMN = `d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid AND d.objsubid = a.attnum`;

/** Types whose values are checked by functions of the application, as `checked_types (type)`. */
export const CHECKED_TYPES = typesMadeOf(
  'checked_types',
  `SELECT k.contypid FROM pg_catalog.pg_constraint k
   WHERE k.contypid <> 0 AND ${callsApplication(CONSTRAINT)}`,
);

/**
 * Whether loading a row of table `c` calls functions of the application: in a check of the table or of a type, or in a
 * stored generated column. Needs CHECKED_TYPES.
 */
export const CALLS_APPLICATION = `(
  EXISTS (SELECT FROM pg_catalog.pg_constraint k
    WHERE k.conrelid = c.oid AND k.contype = 'c' AND ${callsApplication(CONSTRAINT)})
  OR EXISTS (SELECT FROM pg_catalog.pg_attrdef g JOIN pg_catalog.pg_attribute a
      ON a.attrelid = g.adrelid AND a.attnum = g.adnum
    WHERE g.adrelid = c.oid AND a.attgenerated = 's'
      AND (${callsApplication(EXPRESSION)} OR ${callsApplication(COLUMN)}))
  OR EXISTS (SELECT FROM pg_catalog.pg_attribute a
    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND ${isTypeOf('checked_types')}))`;

/**
 * The root of the partitioned table that rows of table `c` are loaded through; null for others. Hash partitioning puts
 * a row where the hash of its key says. That of an enum, or of another type that holds OIDs, differs in each database. That
 * of a nondeterministic collation differs with the version of ICU. pg_dump does the same for enums.
 * https://www.postgresql.org/docs/current/app-pgdump.html, --load-via-partition-root
 */
export const LOADED_THROUGH = `(
  SELECT pg_catalog.json_build_object('schema', pn.nspname, 'name', pc.relname)
  FROM pg_catalog.pg_class pc JOIN pg_catalog.pg_namespace pn ON pn.oid = pc.relnamespace
  WHERE c.relispartition AND pc.oid = pg_catalog.pg_partition_root(c.oid) AND EXISTS (
    SELECT FROM pg_catalog.pg_partition_ancestors(c.oid) AS ancestor
      JOIN pg_catalog.pg_partitioned_table p ON p.partrelid = ancestor,
      unnest(p.partclass::pg_catalog.oid[], p.partcollation::pg_catalog.oid[]) AS key (opclass, coll)
      JOIN pg_catalog.pg_opclass o ON o.oid = key.opclass
      JOIN pg_catalog.pg_type t ON t.oid = o.opcintype
      LEFT JOIN pg_catalog.pg_collation l ON l.oid = key.coll
    WHERE p.partstrat = 'h' AND (
      o.opcnamespace <> 'pg_catalog'::pg_catalog.regnamespace OR t.typtype = 'p' OR o.opcname = 'oid_ops'
      OR NOT l.collisdeterministic)))`;
