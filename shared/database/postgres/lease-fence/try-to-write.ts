import pg from 'pg';
import type { WriteTrial } from '../../lease-fence.ts';
import { readable, type TableName } from '../../table.ts';
import { quoted } from '../identifier.ts';
import { tablesToFence } from './fenced-tables.ts';
import { REFUSAL, REFUSED_BY_LEASE } from './statements.ts';

/**
 * Tries a DELETE of no row on each table, and takes it back. Statement triggers fire for it, and no row trigger of the
 * application does.
 *
 * @throws FenceRefused where a table is not there
 */
export async function tryToWrite(client: pg.Client, tables: readonly TableName[]): Promise<WriteTrial[]> {
  const trials: WriteTrial[] = [];
  for (const table of await tablesToFence(client, tables)) trials.push(await tryOn(client, table));
  return trials;
}

async function tryOn(client: pg.Client, table: TableName): Promise<WriteTrial> {
  const name = readable(table);
  await client.query('BEGIN');
  try {
    await client.query("SET LOCAL lock_timeout = '2s'; SET LOCAL statement_timeout = '5s'");
    await client.query(`DELETE FROM ONLY ${quoted(table)} WHERE false`);
    return { table: name, outcome: 'accepted', said: 'the server accepted a DELETE' };
  } catch (error) {
    if (!(error instanceof pg.DatabaseError) || error.code === undefined) throw error;
    const isOurs = error.code === REFUSED_BY_LEASE && error.message.includes(REFUSAL);
    return {
      table: name,
      outcome: isOurs ? 'refused by the lease' : 'other',
      said: `${error.code}: ${error.message}`,
    };
  } finally {
    await client.query('ROLLBACK').catch(() => {});
  }
}
