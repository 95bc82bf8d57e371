import type pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import type { DatabaseAccess } from '../access.ts';
import type { CopiedRows, SnapshotReader, Snapshots } from '../engine.ts';
import { isLargeObjects, type RowFormat, type TableRange } from '../table.ts';
import { readSequences, readTraits } from './catalog.ts';
import { divideContent } from './divide-content.ts';
import { countRows, fingerprintTable } from './fingerprint.ts';
import { newestHeartbeat } from './heartbeat.ts';
import { listLargeObjects } from './large-objects/list.ts';
import { selectPieces } from './large-objects/pieces.ts';
import { refuseUnreadableLargeObjects } from './large-objects/refuse-unreadable.ts';
import { namingLostConnection } from './lost-connection.ts';
import { refuseHiddenRows } from './refuse-hidden-rows.ts';
import { hashGroups, identityOf, readHashes } from './row-hashes.ts';
import { isTooLarge, namingLargestRow } from './row-too-large.ts';
import { dumpSource } from './schema/dump-schema.ts';
import { apart, apartInPieces } from './session/apart.ts';
import { readComputingSettings } from './session/computing-settings.ts';
import {
  nameInOwnEncoding,
  type OwnEncoding,
  quotedInOwnEncoding,
  speakOwnEncoding,
} from './session/own-encoding.ts';
import { type ExportedSnapshot, exportSnapshot } from './snapshot.ts';
import { namingStandbyConflict } from './standby-conflict.ts';

/** Reads one moment of a PostgreSQL database: rows by COPY, schema by pg_dump, everything in one exported snapshot. */
export const snapshots: Snapshots = {
  async open(access, { clock, signal }) {
    const exported = await orNamed(access)(exportSnapshot(access, { clock, signal }));
    const { client } = exported;
    const named = orNamed(access, exported);
    try {
      await named(refuseHiddenRows(client, exported.tables));
      await named(refuseUnreadableLargeObjects(client));
      const settings = await named(readComputingSettings(client));
      const traits = { ...(await named(readTraits(client))), settings };
      const largeObjects = await named(listLargeObjects(client));
      const tables = [...exported.tables, ...largeObjects];
      return {
        takenAt: exported.takenAt,
        traits,
        tables,
        ranges: await named(divideContent(client, tables, traits.serverVersion)),
        newestHeartbeat: (workload) => named(newestHeartbeat(client, workload)),
        dumpSchema: () => named(dumpSource(access, client, { snapshot: exported.name, signal })),
        sequences: () => named(readSequences(client, (work) => apart(client, work))),
        openReader: async () => reader(await named(exported.join('backup')), access, exported),
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

/** Reads the moment by one connection, and opens one more to look for what made a statement fail. */
function reader(client: pg.Client, access: DatabaseAccess, exported: ExportedSnapshot): SnapshotReader {
  /** What to throw in place of an error: the connection was lost, or a row is too large. */
  const named = async (error: unknown, { table, where }: TableRange): Promise<unknown> =>
    isTooLarge(error) && !isLargeObjects(table)
      ? namingLargestRow(await exported.join('sizes'), table, where, error)
      : namingLoss(error, access, exported);
  return {
    copyOut(range, format): CopiedRows {
      let rows = 0;
      async function* copy(): AsyncGenerator<Buffer> {
        const own = await speakOwnEncoding(client, { local: true });
        const copied = client.query(copyTo(copyStatement(range, format, own)));
        for await (const chunk of copied) yield chunk;
        rows = copied.rowCount;
      }
      async function* chunks(): AsyncGenerator<Buffer> {
        try {
          yield* apartInPieces(client, copy);
        } catch (error) {
          throw await named(error, range);
        }
      }
      return { chunks: chunks(), rowCount: () => rows };
    },
    async fingerprint(range) {
      if (range.table.withoutRows) return { rows: '0', content: '0' };
      try {
        return await apart(client, () => fingerprintTable(client, range.table, range.where));
      } catch (error) {
        throw await named(error, range);
      }
    },
    countRows: (table) => orNamed(access, exported)(apart(client, () => countRows(client, table))),
    identity: (table) => orNamed(access, exported)(identityOf(client, table)),
    hashGroups: (of) => orNamed(access, exported)(apart(client, () => hashGroups(client, of))),
    async *hashes(of, groups) {
      try {
        yield* apartInPieces(client, () => readHashes(client, of, groups));
      } catch (error) {
        throw namingLoss(error, access, exported);
      }
    },
  };
}

/** A whole table is copied as a table, which is faster. A part is copied as a query over its page range. */
function copyStatement({ table, where }: TableRange, format: RowFormat, own: OwnEncoding): string {
  if (isLargeObjects(table)) return `COPY (${selectPieces(where)}) TO STDOUT (FORMAT ${format})`;
  if (table.withoutRows) return `COPY (SELECT WHERE false) TO STDOUT (FORMAT ${format})`;
  const columns = table.columns.map((column) => nameInOwnEncoding(column, own)).join(', ');
  const name = quotedInOwnEncoding(table, own);
  const rows = where
    ? `(SELECT ${columns} FROM ONLY ${name}${where})`
    : `${name}${columns ? ` (${columns})` : ''}`;
  return `COPY ${rows} TO STDOUT (FORMAT ${format})`;
}

/** An error after the snapshot's own connection ended is named by what ended it: tables may be gone since. */
function namingLoss(error: unknown, access: DatabaseAccess, exported?: ExportedSnapshot): unknown {
  return namingStandbyConflict(namingLostConnection(exported?.ended() ?? error, access), access);
}

/** Waits for work on a connection. Throws DatabaseUnreachable if the connection was lost, or StandbyConflict. */
function orNamed(access: DatabaseAccess, exported?: ExportedSnapshot): <T>(work: Promise<T>) => Promise<T> {
  return async (work) => {
    try {
      return await work;
    } catch (error) {
      throw namingLoss(error, access, exported);
    }
  };
}
