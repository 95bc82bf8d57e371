import { shareOut } from '../../concurrency/share-out.ts';
import type { Snapshot, SnapshotReader } from '../../database/engine.ts';
import { addFingerprints, type TableFingerprint } from '../../database/fingerprint.ts';
import { type RowFormat, readable, type SourceTable, type TableRange } from '../../database/table.ts';
import { LifeboatError } from '../../errors/lifeboat-error.ts';
import type { ProgressReporter } from '../../progress/progress.ts';
import type { Vault } from '../../vault/vault.ts';
import { copyPart } from './copy-part.ts';
import type { ManifestTable, TablePart } from './manifest.ts';
import { contentPrefix, type NewRecoveryPoint } from './recovery-point-id.ts';

/** The copy differs from the snapshot. */
export class BackupInconsistent extends LifeboatError {
  override readonly name = 'BackupInconsistent';
  override readonly kind = 'damaged';
}

/** How tables are copied. */
export interface CopyRequest {
  readonly rows: RowFormat;
  /** Connections that copy at the same time. */
  readonly connections: number;
  readonly signal: AbortSignal;
}

/**
 * Copies and fingerprints every table of the snapshot. Both kinds of work go through one queue, so that no connection is
 * idle.
 *
 * @throws BackupInconsistent if copy and fingerprint counted different rows
 */
export async function copyTables(
  { vault, progress }: { vault: Vault; progress: ProgressReporter },
  snapshot: Snapshot,
  point: NewRecoveryPoint,
  request: CopyRequest,
): Promise<ManifestTable[]> {
  const { tables, ranges } = snapshot;
  const stored = new Map<SourceTable, TablePart[]>(tables.map((table) => [table, []]));
  const fingerprints = new Map<SourceTable, TableFingerprint[]>(tables.map((table) => [table, []]));
  const counted = new Map<SourceTable, string>();
  let bytes = 0;
  let tasksDone = 0;
  const report = () => progress.report({ doing: 'copying rows', bytes, tasksDone, tasksTotal: queue.length });

  const copy = (range: TableRange) => async (reader: SnapshotReader) => {
    const copied = await copyPart({
      reader,
      vault,
      recoveryPoint: point.id,
      key: `${contentPrefix(point)}rows/${tables.indexOf(range.table)}/${range.part}.lbk`,
      part: range,
      format: formatOf(range.table, request.rows),
      lockedUntil: point.firstLockedUntil,
      onBytes: (passed) => {
        bytes += passed;
        report();
      },
    });
    stored.get(range.table)?.push(copied);
  };
  const fingerprint = (range: TableRange) => async (reader: SnapshotReader) => {
    fingerprints.get(range.table)?.push(await reader.fingerprint(range));
  };
  const count = (table: SourceTable) => async (reader: SnapshotReader) => {
    counted.set(table, await reader.countRows(table));
  };
  // A range is fingerprinted right after it was copied, while the server still has it in memory. Ranges that miss rows would
  // miss them in copy and fingerprint alike, so a divided table is also counted as a whole.
  const divided = new Set(ranges.filter(({ part }) => part > 0).map(({ table }) => table));
  const queue = [...ranges.flatMap((range) => [copy(range), fingerprint(range)]), ...[...divided].map(count)];

  const readers = await Promise.all(
    Array.from({ length: Math.min(request.connections, queue.length) }, () => snapshot.openReader()),
  );
  await shareOut(readers, queue, request.signal, async (reader, task) => {
    await task(reader);
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
    const { schema, name, columns, loaded, through, extension } = table;
    const format = formatOf(table, request.rows);
    return { schema, name, columns: [...columns], format, loaded, through, extension, ...found, parts };
  });
}

/** Binary where the plan asks for it and every type of the table allows it. */
function formatOf(table: SourceTable, wanted: RowFormat): RowFormat {
  return wanted === 'binary' && table.binaryCapable ? 'binary' : 'text';
}
