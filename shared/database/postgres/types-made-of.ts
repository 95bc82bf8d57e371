/**
 * Which type is made of which, as a common table expression `made_of (part, type)`: domains, arrays, ranges, multiranges and
 * composites. Read once, because a database of many tables has many types and columns.
 */
export const MADE_OF = `
  made_of (part, type) AS MATERIALIZED (
    SELECT typbasetype, oid FROM pg_catalog.pg_type WHERE typbasetype <> 0
    UNION ALL SELECT typelem, oid FROM pg_catalog.pg_type WHERE typelem <> 0
    UNION ALL SELECT rngsubtype, unnest(ARRAY[rngtypid, rngmultitypid]) FROM pg_catalog.pg_range
    UNION ALL SELECT a.atttypid, c.reltype FROM pg_catalog.pg_attribute a
      JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
    WHERE c.reltype <> 0 AND a.attnum > 0 AND NOT a.attisdropped)`;

/**
 * A recursive common table expression of types: some, and all that are made of them. Needs MADE_OF.
 *
 * @param name its name; its column is `type`
 * @param first a query of the OIDs of the first types
 */
export function typesMadeOf(name: string, first: string): string {
  return `${name} (type) AS (
    ${first}
    UNION SELECT made_of.type FROM ${name} JOIN made_of ON made_of.part = ${name}.type)`;
}

/** Whether the type of an attribute `a` is in such an expression. The array is made once for a query. */
export function isTypeOf(name: string): string {
  return `a.atttypid = ANY (ARRAY(SELECT type FROM ${name}))`;
}
