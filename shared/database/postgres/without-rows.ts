/**
 * Whether relation `c` is unlogged on a standby, which gets none of its content. The server refuses to read it there. A
 * promoted standby has the table empty and the sequence at its start, so a copy gets the same.
 * https://www.postgresql.org/docs/current/sql-createtable.html#SQL-CREATETABLE-UNLOGGED
 */
export const IS_WITHOUT_ROWS = `(c.relpersistence = 'u' AND pg_catalog.pg_is_in_recovery())`;
