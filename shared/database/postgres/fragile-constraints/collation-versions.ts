import { majorVersion } from '../catalog.ts';

/** A database has had a version of its own since. https://www.postgresql.org/docs/15/release-15.html */
const DATABASE_VERSION_SINCE = 15;

/**
 * A query of collations (oid, schema, name, deterministic, recorded, actual): the version under which the catalogue says
 * objects were made, and the version of the library that is installed. Both are null where a collation has no versions, as C.
 * https://www.postgresql.org/docs/current/sql-altercollation.html
 *
 * @param serverVersion the `server_version_num` of the server that will run it
 */
export function selectCollations(serverVersion: number): string {
  const [recorded, actual] =
    majorVersion(serverVersion) >= DATABASE_VERSION_SINCE
      ? ['d.datcollversion', 'pg_catalog.pg_database_collation_actual_version(d.oid)']
      : ['NULL::text', 'pg_catalog.pg_collation_actual_version(c.oid)'];
  return `
    SELECT c.oid, n.nspname::text AS schema, c.collname::text AS name, c.collisdeterministic AS deterministic,
      CASE c.collprovider WHEN 'd' THEN ${recorded} ELSE c.collversion END AS recorded,
      CASE c.collprovider WHEN 'd' THEN ${actual} ELSE pg_catalog.pg_collation_actual_version(c.oid) END AS actual
    FROM pg_catalog.pg_collation c JOIN pg_catalog.pg_namespace n ON n.oid = c.collnamespace,
      pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database()`;
}
