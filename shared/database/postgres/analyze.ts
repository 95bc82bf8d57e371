import pg from 'pg';
import { readable } from '../table.ts';
import { listTables } from './catalog.ts';
import { quoted } from './identifier.ts';

/**
 * Collects the statistics of every table. It goes on with the others where one table fails: an expression of
 * its statistics or its index may raise an error.
 *
 * @returns the tables that failed, in words
 */
export async function analyze(connection: pg.Client): Promise<string[]> {
  try {
    await connection.query('ANALYZE');
    return [];
  } catch (error) {
    if (!(error instanceof pg.DatabaseError)) throw error;
  }
  const failures: string[] = [];
  for (const table of await listTables(connection)) {
    try {
      await connection.query(`ANALYZE ${quoted(table)}`);
    } catch (error) {
      if (!(error instanceof pg.DatabaseError)) throw error;
      failures.push(`${readable(table)} has no statistics for its queries: ${error.message}`);
    }
  }
  return failures;
}
