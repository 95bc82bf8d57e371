/**
 * A recursive common table expression of types: some, and the domains, arrays, ranges, multiranges and composites of them.
 *
 * @param name its name; its column is `type`
 * @param first a query of the OIDs of the first types
 */
export function typesMadeOf(name: string, first: string): string {
  return `${name} (type) AS (
    ${first}
    UNION
    SELECT made.type FROM ${name}, LATERAL (
      SELECT t.oid FROM pg_catalog.pg_type t WHERE t.typbasetype = ${name}.type OR t.typelem = ${name}.type
      UNION ALL SELECT unnest(ARRAY[r.rngtypid, r.rngmultitypid]) FROM pg_catalog.pg_range r
        WHERE r.rngsubtype = ${name}.type
      UNION ALL SELECT t.oid FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.typrelid = a.attrelid
        WHERE a.atttypid = ${name}.type AND a.attnum > 0 AND NOT a.attisdropped) AS made (type))`;
}
