import pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import type { DatabaseAccess } from '../access.ts';
import type { CopiedRows, SnapshotReader, Snapshots } from '../engine.ts';
import type { RowFormat, TableRange } from '../table.ts';
import { countLargeObjects, readSequences, readTraits } from './catalog.ts';
import { divideIntoRanges, type PagedTable } from './divide-into-ranges.ts';
import { countRows, fingerprintTable } from './fingerprint.ts';
import { newestHeartbeat } from './heartbeat.ts';
import { quoted } from './identifier.ts';
import { namingLostConnection } from './lost-connection.ts';
import { dumpSchema } from './schema-dump/dump-schema.ts';
import { exportSnapshot } from './snapshot.ts';

/** Reads one moment of a PostgreSQL database: rows by COPY, schema by pg_dump, everything in one exported snapshot. */
export const snapshots: Snapshots = {
  async open(access, { clock, signal }) {
    const named = namingLoss(access);
    const exported = await named(exportSnapshot(access, { clock, signal }));
    const { client } = exported;
    try {
      const traits = await named(readTraits(client));
      const tables = exported.tables.map((table) => asBinaryAllows(table, traits.serverVersion));
      return {
        takenAt: exported.takenAt,
        traits,
        tables,
        ranges: divideIntoRanges(tables, traits.serverVersion),
        newestHeartbeat: (workload) => named(newestHeartbeat(client, workload)),
        async contentOutsideTables() {
          const count = await named(countLargeObjects(client));
          return count > 0 ? `${count} large objects` : null;
        },
        dumpSchema: () => named(dumpSchema(access, { snapshot: exported.name, signal })),
        sequences: () => named(readSequences(client)),
        openReader: async () => reader(await named(exported.join('backup')), access),
        release: () => exported.release(),
        abandon: () => exported.abandon(),
      };
    } catch (error) {
      exported.abandon();
      signal.throwIfAborted();
      throw error;
    }
  },
};

/**
 * Before PostgreSQL 14, loading refused arrays of an application's own types, because their type's number differs. There
 * rows are copied as text.
 * https://www.postgresql.org/docs/14/release-14.html
 */
function asBinaryAllows(table: PagedTable, serverVersion: number): PagedTable {
  return { ...table, binaryCapable: table.binaryCapable && serverVersion >= 140000 };
}

function reader(client: pg.Client, access: DatabaseAccess): SnapshotReader {
  const named = namingLoss(access);
  return {
    copyOut: (range, format) => copyOut(client, access, range, format),
    fingerprint: ({ table, where }) => named(fingerprintTable(client, table, where)),
    countRows: (table) => named(countRows(client, table)),
  };
}

function copyOut(
  client: pg.Client,
  access: DatabaseAccess,
  range: TableRange,
  format: RowFormat,
): CopiedRows {
  const copy = client.query(copyTo(copyStatement(range, format)));
  async function* chunks(): AsyncGenerator<Buffer> {
    try {
      for await (const chunk of copy) yield chunk;
    } catch (error) {
      throw namingLostConnection(error, access);
    }
  }
  return { chunks: chunks(), rowCount: () => copy.rowCount };
}

/** A whole table is copied as a table, which is faster. A part is copied as a query over its page range. */
function copyStatement({ table, where }: TableRange, format: RowFormat): string {
  const columns = table.columns.map((column) => pg.escapeIdentifier(column)).join(', ');
  const rows = where
    ? `(SELECT ${columns} FROM ONLY ${quoted(table)}${where})`
    : `${quoted(table)}${columns ? ` (${columns})` : ''}`;
  return `COPY ${rows} TO STDOUT (FORMAT ${format})`;
}

/** Waits for work on a connection and throws DatabaseUnreachable if the connection was lost. */
function namingLoss(access: DatabaseAccess): <T>(work: Promise<T>) => Promise<T> {
  return async (work) => {
    try {
      return await work;
    } catch (error) {
      throw namingLostConnection(error, access);
    }
  };
}
