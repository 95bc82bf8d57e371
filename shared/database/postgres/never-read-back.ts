/**
 * Types of the system that a server writes and refuses to read: a dump with one such value cannot be loaded by any tool.
 * Columns of these types are neither copied nor compared, and the recovery point says so.
 */
const NEVER_READ_BACK = [
  ...['gtsvector', 'pg_brin_bloom_summary', 'pg_brin_minmax_multi_summary'],
  ...['pg_dependencies', 'pg_mcv_list', 'pg_ndistinct', 'pg_node_tree'],
];

/** Whether the type of an attribute `a` is one of them. */
export const IS_NEVER_READ_BACK = `
  (SELECT t.typname = ANY ('{${NEVER_READ_BACK.join(',')}}') FROM pg_catalog.pg_type t
    WHERE t.oid = a.atttypid AND t.typnamespace = 'pg_catalog'::pg_catalog.regnamespace) IS TRUE`;
