import type { Clock } from '../clock/clock.ts';
import { shareOut } from '../concurrency/share-out.ts';
import type { DatabaseAccess } from '../database/access.ts';
import type { Comparisons, Snapshot, SnapshotReader, Snapshots } from '../database/engine.ts';
import { addFingerprints, type TableFingerprint } from '../database/fingerprint.ts';
import { parsePartName } from '../database/schema-part.ts';
import {
  isHeartbeat,
  isLargeObjects,
  readable,
  type SourceTable,
  type TableName,
} from '../database/table.ts';
import { countDifferences } from './count-differences.ts';
import type { ComparedTable, CopyCompared } from './step-answers.ts';

export interface ComparisonPorts {
  readonly snapshots: Snapshots;
  readonly comparisons: Pick<Comparisons, 'compareSchemas' | 'partOf'>;
  readonly clock: Clock;
}

export interface ComparisonRequest {
  readonly source: DatabaseAccess;
  readonly copy: DatabaseAccess;
  /** The tables and schemas that were restored; none for everything. */
  readonly only: readonly string[];
  /** The last table that was compared before; null to begin, with the definitions. */
  readonly after: string | null;
  /** Tables that are compared at the same time. */
  readonly connections: number;
  /** No table is begun after this moment. */
  readonly until: Date;
  readonly signal: AbortSignal;
}

/**
 * Tells what a restored copy lacks against its live source, table by table in order of name. Reads both, each in one snapshot,
 * and writes to neither. Only hashes leave the servers, and no more than a few thousand at a time.
 *
 * A source that is in use goes on: what was written since the recovery point is lacking in the copy.
 *
 * @throws DatabaseUnreachable, and the signal's reason
 */
export function createCompareWithSource({ snapshots, comparisons, clock }: ComparisonPorts) {
  return async function compareWithSource(
    request: ComparisonRequest,
  ): Promise<Omit<CopyCompared, 'recoveryPoint' | 'only'>> {
    const { only, after, connections, until, signal } = request;
    const opened = await Promise.allSettled(
      [request.source, request.copy].map((access) => snapshots.open(access, { clock, signal })),
    );
    const both = opened.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
    try {
      const [source, copy] = opened.map((each) => {
        if (each.status === 'rejected') throw each.reason;
        return each.value;
      }) as [Snapshot, Snapshot];
      const schema = after === null ? await compareDefinitions(comparisons, source, copy, only) : null;
      const tables = sideBySide(source, copy, only.length > 0);
      const left = tables.filter(({ name }) => after === null || name > after);
      const pairs: Pair[] = [];
      for (let n = 0; n < Math.min(connections, left.length); n += 1)
        pairs.push({ source: await source.openReader(), copy: await copy.openReader() });
      const compared: ComparedTable[] = [];
      const begun = new Set<string>();
      await shareOut(pairs, left, signal, async (readers, table) => {
        // The first ones in any case, so that each call comes further.
        if (begun.size >= pairs.length && clock.now() >= until) return;
        begun.add(table.name);
        compared.push(await compareTable(table, readers, { source, copy }));
      });
      compared.sort((a, b) => (a.table < b.table ? -1 : 1));
      const done = begun.size === left.length;
      return {
        sourceAt: source.takenAt.toISOString(),
        schema,
        tables: compared,
        total: tables.length,
        next: done ? null : (compared.at(-1)?.table ?? null),
      };
    } finally {
      await Promise.all(both.map((snapshot) => snapshot.release()));
    }
  };
}

interface Pair {
  readonly source: SnapshotReader;
  readonly copy: SnapshotReader;
}

/** A table of either side. Partitions that share rows by a hash are one, as their rows may be in others in the copy. */
interface Both {
  readonly name: string;
  readonly source: readonly SourceTable[];
  readonly copy: readonly SourceTable[];
}

function sideBySide(source: Snapshot, copy: Snapshot, isPart: boolean): Both[] {
  const named = ({ tables }: Snapshot) =>
    Map.groupBy(
      tables.filter((table) => !isHeartbeat(table)),
      (table) => readable(table.through ?? table),
    );
  const [ofSource, ofCopy] = [named(source), named(copy)];
  const names = new Set([...(isPart ? [] : ofSource.keys()), ...ofCopy.keys()]);
  return [...names]
    .sort()
    .map((name) => ({ name, source: ofSource.get(name) ?? [], copy: ofCopy.get(name) ?? [] }));
}

async function compareDefinitions(
  { compareSchemas, partOf }: ComparisonPorts['comparisons'],
  source: Snapshot,
  copy: Snapshot,
  only: readonly string[],
): Promise<CopyCompared['schema']> {
  const [ofSource, ofCopy] = [await source.dumpSchema(), await copy.dumpSchema()];
  const expected =
    only.length > 0 ? partOf(ofSource.archive, only.map(parsePartName)).archive : ofSource.archive;
  const { differences, leftOut } = compareSchemas(expected, ofCopy.archive);
  return { differences: [...differences], leftOut: [...leftOut] };
}

async function compareTable(
  { name, source, copy }: Both,
  readers: Pair,
  snapshots: { readonly source: Snapshot; readonly copy: Snapshot },
): Promise<ComparedTable> {
  const base = { table: name, sourceRows: null, copyRows: null, lacking: null, extra: null, changed: null };
  if (copy.length === 0)
    return { ...base, outcome: 'only in the source', sourceRows: await counted(readers.source, source) };
  if (source.length === 0)
    return { ...base, outcome: 'only in the copy', copyRows: await counted(readers.copy, copy) };
  const [table] = source;
  if (!table || isLargeObjects(table) || table.extension) {
    const [one, other] = await Promise.all([
      fingerprinted(readers.source, snapshots.source, source),
      fingerprinted(readers.copy, snapshots.copy, copy),
    ]);
    const same = one.rows === other.rows && one.content === other.content;
    return { ...base, outcome: same ? 'same' : 'differs', sourceRows: one.rows, copyRows: other.rows };
  }
  return { ...base, ...(await compareRows(table.through ?? table, table.through !== null, readers)) };
}

async function compareRows(
  table: TableName,
  partitioned: boolean,
  { source, copy }: Pair,
): Promise<Omit<ComparedTable, 'table'>> {
  const [ofSource, ofCopy] = await Promise.all([source.identity(table), copy.identity(table)]);
  const columns = ofSource.columns.filter((column) => ofCopy.columns.includes(column));
  const key = ofSource.key?.every((column) => columns.includes(column)) ? ofSource.key : columns;
  const rows = { table, partitioned, key, columns };
  const [one, other] = await Promise.all([source.hashGroups(rows), copy.hashGroups(rows)]);
  const differing = [...new Set([...one.keys(), ...other.keys()])].filter((group) => {
    const [before, after] = [one.get(group), other.get(group)];
    return before?.rows !== after?.rows || before?.content !== after?.content;
  });
  const counts = {
    sourceRows: addFingerprints([...one.values()]).rows,
    copyRows: addFingerprints([...other.values()]).rows,
  };
  if (differing.length === 0) return { ...counts, outcome: 'same', lacking: 0, extra: 0, changed: 0 };
  const found = await countDifferences(source.hashes(rows, differing), copy.hashes(rows, differing));
  return { ...counts, outcome: 'differs', ...found, changed: key === columns ? null : found.changed };
}

async function counted(reader: SnapshotReader, tables: readonly SourceTable[]): Promise<string> {
  const counts: bigint[] = [];
  for (const table of tables) counts.push(BigInt(await reader.countRows(table)));
  return String(counts.reduce((sum, count) => sum + count, 0n));
}

async function fingerprinted(
  reader: SnapshotReader,
  { ranges }: Snapshot,
  tables: readonly SourceTable[],
): Promise<TableFingerprint> {
  const found: TableFingerprint[] = [];
  for (const range of ranges) if (tables.includes(range.table)) found.push(await reader.fingerprint(range));
  return addFingerprints(found);
}
