import type pg from 'pg';
import { shareOut } from '../../../concurrency/share-out.ts';
import type { StorageFault } from '../../engine.ts';
import type { Connections } from '../connections.ts';
import { corruptionIn, isNotAllowed, whyUnchecked } from './damage.ts';
import { addExtension } from './extension.ts';

/** One table or index, and the question that amcheck answers about it. */
interface Question {
  readonly table: string;
  readonly name: string;
  readonly oid: string;
  readonly isIndex: boolean;
}

/**
 * Checks with amcheck that each B-tree index is in order and has every row of its table, and that each table is whole.
 * https://www.postgresql.org/docs/current/amcheck.html
 *
 * @returns what is wrong, and what could not be checked
 */
export async function checkStructure(
  connections: Connections,
  signal: AbortSignal,
  hasTime: () => boolean,
): Promise<{ faults: StorageFault[]; unchecked: string[] }> {
  const [first] = connections;
  const schema = await addExtension(first, 'amcheck');
  if (schema === null) return { faults: [], unchecked: ['the extension amcheck cannot be created'] };
  const { rows: questions } = await first.query<Question>(`
    SELECT pg_catalog.format('%s.%s', n.nspname, t.relname) AS table, c.relname AS name, c.oid::text, c.relkind = 'i' AS "isIndex"
    FROM pg_catalog.pg_class c
      LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid
      JOIN pg_catalog.pg_class t ON t.oid = coalesce(i.indrelid, c.oid)
      JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
      JOIN pg_catalog.pg_am a ON a.oid = c.relam
    WHERE c.relpersistence = 'p' AND n.nspname NOT IN ('pg_catalog', 'pg_toast', 'information_schema')
      AND ((c.relkind = 'i' AND a.amname = 'btree' AND i.indisvalid AND i.indisready)
        OR (c.relkind IN ('r', 'm') AND a.amname = 'heap'))
    ORDER BY pg_catalog.pg_relation_size(c.oid)`);
  const faults: StorageFault[] = [];
  const refused = new Set<string>();
  let late = 0;
  await shareOut(connections, questions, signal, async (connection, question) => {
    if (!hasTime()) {
      late += 1;
      return;
    }
    try {
      faults.push(...(await ask(connection, schema, question)));
    } catch (error) {
      const corruption = corruptionIn(error);
      if (corruption !== null) faults.push({ table: question.table, reason: corruption });
      else {
        const why = whyUnchecked(error);
        if (why === null) throw error;
        // A refusal names the function, and is the same for every table.
        refused.add(isNotAllowed(error) ? why : `${question.table}, ${question.name}: ${why}`);
      }
    }
  });
  return {
    faults,
    unchecked: [
      ...refused,
      ...(late > 0 ? [`${late} of ${questions.length} tables and indexes: there was no time left`] : []),
    ],
  };
}

async function ask(
  client: pg.Client,
  schema: string,
  { table, oid, isIndex }: Question,
): Promise<StorageFault[]> {
  if (isIndex) {
    await client.query(`SELECT ${schema}.bt_index_check($1::oid::regclass, true)`, [oid]);
    return [];
  }
  const { rows } = await client.query<{ blkno: string; msg: string }>(
    `SELECT blkno, msg FROM ${schema}.verify_heapam($1::oid::regclass) LIMIT 3`,
    [oid],
  );
  return rows.map(({ blkno, msg }) => ({ table, reason: `block ${blkno}: ${msg}` }));
}
