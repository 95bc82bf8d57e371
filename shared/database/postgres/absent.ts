import pg from 'pg';

/** undefined_table, undefined_function, undefined_object and invalid_schema_name. */
const STATES = new Set(['42P01', '42883', '42704', '3F000']);

/** True if the server refused a statement because something that it names is not there. */
export function isAbsent(error: unknown): boolean {
  return error instanceof pg.DatabaseError && STATES.has(error.code ?? '');
}
