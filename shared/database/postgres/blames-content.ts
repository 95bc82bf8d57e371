import pg from 'pg';

/**
 * Classes of SQLSTATE that concern the server or the connection, not what was loaded: resources, operator intervention,
 * system errors, connection, authorisation.
 * https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const OF_THE_SERVER = new Set(['08', '28', '40', '53', '54', '55', '57', '58', 'F0', 'XX']);
/**
 * feature_not_supported, undefined_file, insufficient_privilege and undefined_object. The server lacks an
 * extension, a right, or another object that a database takes from its server. Examples are a collation, or a
 * role that a policy names.
 */
const SERVER_LACKS = new Set(['0A000', '58P01', '42501', '42704']);

/** True if PostgreSQL refused what was loaded; false if the server, the connection or the program is at fault. */
export function blamesContent(error: unknown): boolean {
  if (!(error instanceof pg.DatabaseError) || !error.code) return false;
  return !OF_THE_SERVER.has(error.code.slice(0, 2)) && !SERVER_LACKS.has(error.code);
}
