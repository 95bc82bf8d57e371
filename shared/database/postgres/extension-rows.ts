/**
 * Joins to a relation `c` the extension that marks its rows for a dump, as `marked (extension, condition)`; null for others.
 * https://www.postgresql.org/docs/current/extend-extensions.html#EXTEND-EXTENSIONS-CONFIG-TABLES
 */
export const MARKED_BY_EXTENSION = `
  LEFT JOIN LATERAL (
    SELECT e.extname AS extension, config.condition
    FROM pg_catalog.pg_extension e, unnest(e.extconfig, e.extcondition) AS config (relation, condition)
    WHERE config.relation = c.oid LIMIT 1) AS marked ON true`;

/** Leaves out the system's own schemas, and what an extension's script creates again, but for what it marks for a dump. */
export const OF_THE_APPLICATION = `(
  marked.extension IS NOT NULL
  OR n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
      WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid AND d.deptype = 'e'))`;
