import type { StorageChecks } from '../../engine.ts';
import { blame } from '../blame.ts';
import { listTables } from '../catalog.ts';
import { type Connections, withConnections } from '../connections.ts';
import { quoted } from '../identifier.ts';
import { checkForeignKeys } from './check-foreign-keys.ts';
import { checkStructure } from './check-structure.ts';
import { LONGEST_QUESTION_MS } from './damage.ts';
import { readBlocks } from './read-blocks.ts';

/** Looks into the storage of a restored PostgreSQL server. */
export const storageChecks: StorageChecks = {
  blame,
  inspect: (access, { connections: count, signal }, work) =>
    withConnections(access, { purpose: 'storage', count, signal }, (connections) => {
      const [first] = connections;
      return work({
        readBlocks: (from, hasTime) => readBlocks(connections, signal, from, hasTime),
        async tables() {
          const tables = (await listTables(first)).filter(({ schema }) => schema !== 'lifeboat');
          let filled = 0;
          for (const table of tables) {
            const { rowCount } = await first.query(`SELECT FROM ONLY ${quoted(table)} LIMIT 1`);
            filled += rowCount ?? 0;
          }
          return { tables: tables.length, filled };
        },
        async checksums() {
          const { rows } = await first.query<{ on: string }>(
            "SELECT pg_catalog.current_setting('data_checksums') AS on",
          );
          return rows[0]?.on === 'on';
        },
        checkStructure: (hasTime) => briefly(connections, () => checkStructure(connections, signal, hasTime)),
        checkForeignKeys: (hasTime) =>
          briefly(connections, () => checkForeignKeys(connections, signal, hasTime)),
      });
    }),
};

/** Lets the server give up each statement that takes too long. */
async function briefly<T>(connections: Connections, ask: () => Promise<T>): Promise<T> {
  const limit = (ms: number) =>
    Promise.all(connections.map((each) => each.query(`SET statement_timeout = ${ms}`)));
  await limit(LONGEST_QUESTION_MS);
  const answer = await ask();
  await limit(0);
  return answer;
}
