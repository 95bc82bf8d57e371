import type pg from 'pg';
import type { SourceTable } from '../../database/postgres/catalog.ts';
import { shareOut } from '../../database/postgres/connections.ts';
import {
  addFingerprints,
  countRows,
  fingerprintTable,
  type TableFingerprint,
} from '../../database/postgres/fingerprint.ts';
import { readable } from '../../database/postgres/identifier.ts';
import type { Snapshot } from '../../database/postgres/snapshot.ts';
import { divideIntoRanges, type TableRange } from '../../database/postgres/table-range.ts';
import { LifeboatError } from '../../errors/lifeboat-error.ts';
import type { ProgressReporter } from '../../progress/progress.ts';
import type { Vault } from '../../vault/vault.ts';
import { copyPart, type RowFormat } from './copy-part.ts';
import type { ManifestTable, TablePart } from './manifest.ts';
import { contentPrefix, type NewRecoveryPoint } from './recovery-point.ts';

/** What was copied is not what the snapshot held. */
export class BackupInconsistent extends LifeboatError {
  override readonly name = 'BackupInconsistent';
  override readonly kind = 'damaged';
}

/** Which tables are copied, and how. */
export interface CopyRequest {
  readonly tables: readonly SourceTable[];
  readonly serverVersion: number;
  readonly rows: RowFormat;
  /** Connections that copy at the same time. */
  readonly connections: number;
  readonly signal: AbortSignal;
}

/**
 * Copies and fingerprints every table, as the snapshot shows them. Both kinds of work go through one queue, so that no
 * connection is ever idle.
 *
 * @throws BackupInconsistent where rows were copied that the fingerprint did not count, or the other way round
 */
export async function copyTables(
  { vault, progress }: { vault: Vault; progress: ProgressReporter },
  snapshot: Snapshot,
  point: NewRecoveryPoint,
  { tables, serverVersion, ...request }: CopyRequest,
): Promise<ManifestTable[]> {
  const stored = new Map<SourceTable, TablePart[]>(tables.map((table) => [table, []]));
  const fingerprints = new Map<SourceTable, TableFingerprint[]>(tables.map((table) => [table, []]));
  const counted = new Map<SourceTable, string>();
  const ranges = divideIntoRanges(tables, serverVersion);
  let bytes = 0;
  let tasksDone = 0;
  const report = () => progress.report({ doing: 'copying rows', bytes, tasksDone, tasksTotal: queue.length });

  const copy = (range: TableRange) => async (client: pg.Client) => {
    const copied = await copyPart({
      client,
      vault,
      recoveryPoint: point.id,
      key: `${contentPrefix(point)}rows/${tables.indexOf(range.table)}/${range.part}.lbk`,
      part: range,
      format: formatOf(range.table, request.rows, serverVersion),
      lockedUntil: point.lockedUntil,
      onBytes: (passed) => {
        bytes += passed;
        report();
      },
    });
    stored.get(range.table)?.push(copied);
  };
  const fingerprint = (range: TableRange) => async (client: pg.Client) => {
    fingerprints.get(range.table)?.push(await fingerprintTable(client, range.table, range));
  };
  const count = (table: SourceTable) => async (client: pg.Client) => {
    counted.set(table, await countRows(client, table));
  };
  // A range is looked at right after it was copied, while the server still has it in memory. Ranges that miss rows would
  // miss them in the copy and in the fingerprint alike: what was divided is counted whole.
  const divided = new Set(ranges.filter(({ part }) => part > 0).map(({ table }) => table));
  const queue = [...ranges.flatMap((range) => [copy(range), fingerprint(range)]), ...[...divided].map(count)];

  const clients = await Promise.all(
    Array.from({ length: Math.min(request.connections, queue.length) }, () => snapshot.join('backup')),
  );
  await shareOut(clients, queue, request.signal, async (client, task) => {
    await task(client);
    tasksDone += 1;
    report();
  });
  return tables.map((table) => {
    const parts = (stored.get(table) ?? []).sort((a, b) => a.part - b.part);
    const found = addFingerprints(fingerprints.get(table) ?? []);
    const rows = parts.reduce((sum, part) => sum + part.rows, 0);
    const inTheTable = counted.get(table) ?? found.rows;
    if (found.rows !== String(rows) || inTheTable !== found.rows)
      throw new BackupInconsistent(
        `${readable(table)}: ${rows} rows copied, ${found.rows} fingerprinted, ${inTheTable} in the snapshot`,
      );
    const { schema, name, columns } = table;
    const format = formatOf(table, request.rows, serverVersion);
    return { schema, name, columns: [...columns], format, ...found, parts };
  });
}

/**
 * Binary where the plan asks for it and every type of the table can. Before PostgreSQL 14 arrays of an application's own
 * types were refused on load because their type's number differs, so there rows go as text.
 * https://www.postgresql.org/docs/14/release-14.html
 */
function formatOf(table: SourceTable, wanted: RowFormat, serverVersion: number): RowFormat {
  return wanted === 'binary' && table.binaryCapable && serverVersion >= 140000 ? 'binary' : 'text';
}
