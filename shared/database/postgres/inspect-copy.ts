import type pg from 'pg';
import { shareOut } from '../../concurrency/share-out.ts';
import type { DatabaseAccess } from '../access.ts';
import type { Comparisons, QueryAnswer, RestoredCopy } from '../engine.ts';
import { addFingerprints, type TableFingerprint } from '../fingerprint.ts';
import type { SourceTable } from '../table.ts';
import { isAbsent } from './absent.ts';
import { blame } from './blame.ts';
import { listTables, readSequences, serverVersionOf } from './catalog.ts';
import { type Connections, withConnections } from './connections.ts';
import { divideContent } from './divide-content.ts';
import type { PagedTable } from './divide-into-ranges.ts';
import { fingerprintTable } from './fingerprint.ts';
import { pastForcedPolicies, suspendForcedPolicies } from './forced-policies.ts';
import { newestHeartbeat } from './heartbeat.ts';
import { listLargeObjects } from './large-objects/list.ts';
import { compareSchemas } from './schema/compare-schemas.ts';
import { dumpSchema } from './schema/dump-schema.ts';
import { partOfSchema } from './schema/part-of-schema.ts';
import { placeholdersAmong } from './schema/placeholder-roles.ts';
import { readInvalidIndexes } from './schema/schema-facts.ts';

/** A query that takes longer fails, so that a wrong join cannot hold up a restore test. */
const TIME_LIMIT = '60s';

/** Reads a restored PostgreSQL database. */
export const comparisons: Comparisons = {
  blame,
  compareSchemas,
  partOf: partOfSchema,
  inspect: (access, { connections: count, signal }, work) =>
    withConnections(access, { purpose: 'validation', count, signal }, (connections) =>
      work(restoredCopy(access, connections, signal)),
    ),
};

function restoredCopy(access: DatabaseAccess, connections: Connections, signal: AbortSignal): RestoredCopy {
  const [first] = connections;
  return {
    dumpSchema: () => dumpSchema(access, { signal }),
    tables: async () => [...(await listTables(first)), ...(await listLargeObjects(first))],
    async fingerprints(tables, onRange) {
      const version = await serverVersionOf(first);
      // Tables of this copy: `tables` above listed them with their pages.
      const ranges = await divideContent(first, tables as readonly PagedTable[], version);
      const found = new Map<SourceTable, TableFingerprint[]>(tables.map((table) => [table, []]));
      let bytes = 0;
      let done = 0;
      await shareOut(connections, ranges, signal, async (connection, { table, where, ...range }) => {
        const fingerprint = () => fingerprintTable(connection, table, where);
        found.get(table)?.push(await pastForcedPolicies(connection, table, fingerprint));
        bytes += range.bytes;
        done += 1;
        onRange({ bytes, done, total: ranges.length });
      });
      return new Map([...found].map(([table, each]) => [table, addFingerprints(each)]));
    },
    sequences: () => readSequences(first),
    invalidIndexes: async () => (await readInvalidIndexes(first)).map(({ name }) => name),
    placeholderRoles: (roles) => placeholdersAmong(first, roles),
    newestHeartbeat: (workload) => newestHeartbeat(first, workload),
    async run(sql, { ifThere } = { ifThere: false }) {
      try {
        await first.query(sql);
        return true;
      } catch (error) {
        if (ifThere && isAbsent(error)) return false;
        throw error;
      }
    },
    ask: (sql) => ask(first, sql),
  };
}

/** Runs one query in a transaction that can only read. It sees every row, or is refused. */
async function ask(client: pg.Client, sql: string): Promise<QueryAnswer> {
  await client.query('BEGIN');
  try {
    await suspendForcedPolicies(client);
    await client.query(
      `SET TRANSACTION READ ONLY; SET LOCAL statement_timeout = '${TIME_LIMIT}'; SET LOCAL search_path = public`,
    );
    // The extended protocol takes one statement. A second one could end the transaction and with it the limits.
    const query = { text: sql, rowMode: 'array', queryMode: 'extended' } as const;
    return { rows: (await client.query<unknown[]>(query)).rows };
  } catch (error) {
    return { refused: error instanceof Error ? error.message : String(error), absent: isAbsent(error) };
  } finally {
    await client.query('ROLLBACK');
  }
}
