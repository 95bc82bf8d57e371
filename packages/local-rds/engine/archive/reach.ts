import { open, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { BaseBackup } from '../engine.ts';
import { parseLsn, parseSegmentName, type SegmentName, segmentName } from './lsn.ts';
import { readQuiet } from './quiet.ts';
import { readWalSegment, type TransactionEnd, type WalSegment } from './wal-segment.ts';

/** An archive does not fit the backup it should continue. */
export class ArchiveOfAnotherCluster extends Error {
  override readonly name = 'ArchiveOfAnotherCluster';

  constructor(archive: string, found: string, expected: string) {
    super(
      `The WAL archive ${archive} belongs to the cluster with the system identifier ${found}. ` +
        `Expected: ${expected}, the one that the backup is of. Name the archive of that cluster.`,
    );
  }
}

/** Segments do not change once archived, so what was read of one is kept. */
export type SegmentCache = Map<string, WalSegment>;

/** The last end of a transaction in the newest segments of an archive; undefined when there is none. */
export async function lastEndInArchive(
  archive: string,
  cache: SegmentCache,
): Promise<TransactionEnd | undefined> {
  const segments = await listSegments(archive);
  return lastEndOf(archive, segments.reverse(), cache);
}

/** How far a backup can be followed by the segments of an archive. */
export interface Reach {
  /** The last end of a transaction in reach. Undefined when the backup itself is all there is. */
  readonly end: TransactionEnd | undefined;
  /** Until when nothing was written after that end; null where that is not known, or where a gap lies before it. */
  readonly quietUntil: Date | null;
}

/**
 * What can be reached from a backup: segments follow each other without a gap from where the backup ends. Looks at the archive
 * once, so that a segment which comes meanwhile is either counted everywhere or nowhere. Throws ArchiveOfAnotherCluster.
 */
export async function reachFrom(backup: BaseBackup, archive: string, cache: SegmentCache): Promise<Reach> {
  // Read before the segments are listed: every segment that it speaks of is among them then.
  const quiet = await readQuiet(archive);
  const segments = await listSegments(archive);
  const end = await lastEndFrom(backup, archive, segments, cache);
  // With a gap in the archive the last transaction in reach is not the last one that was written. What lies before the backup's own
  // end is in the backup.
  const newest = await lastEndOf(archive, segments.reverse(), cache);
  const isLast = newest?.lsn === end?.lsn || (newest && newest.lsn < parseLsn(backup.stopLsn));
  return { end, quietUntil: isLast ? quiet : null };
}

async function lastEndFrom(
  backup: BaseBackup,
  archive: string,
  segments: readonly Listed[],
  cache: SegmentCache,
): Promise<TransactionEnd | undefined> {
  const bytes = segments[0]?.bytes;
  if (bytes === undefined) return undefined;
  const stop = parseLsn(backup.stopLsn);
  const chain: Listed[] = [];
  const stopsIn = (stop - 1n) / BigInt(bytes);
  for (let number = stopsIn; ; number += 1n) {
    // Where a cluster was promoted, the segment lies there on both timelines, and the later one counts.
    const next = segments.findLast((each) => each.number === number && each.timeline >= backup.timeline);
    if (next) chain.push(next);
    else if (number > stopsIn) break; // the one that the backup ends in, it holds itself
  }
  const first = chain[0];
  if (first) {
    const { systemIdentifier } = await read(archive, first, cache);
    if (systemIdentifier !== backup.systemIdentifier)
      throw new ArchiveOfAnotherCluster(archive, systemIdentifier, backup.systemIdentifier);
  }
  const end = await lastEndOf(archive, chain.reverse(), cache);
  return end && end.lsn >= stop ? end : undefined;
}

/** What a restore may be asked for so that the end of a transaction still lies beyond: a whole millisecond. */
export function lastMomentBefore(end: TransactionEnd): Date {
  return new Date(Number((end.microseconds - 1n) / 1000n));
}

interface Listed extends SegmentName {
  readonly bytes: number;
}

/** In the order of their numbers, then of their timelines. */
async function listSegments(archive: string): Promise<Listed[]> {
  const names = (await readdir(archive).catch(() => [])).filter((name) => /^[0-9A-F]{24}$/.test(name));
  const first = names[0];
  if (first === undefined) return [];
  const { size: bytes } = await stat(path.join(archive, first));
  return names
    .map((name) => ({ ...(parseSegmentName(name, bytes) as SegmentName), bytes }))
    .sort((a, b) => Number(a.number - b.number) || a.timeline - b.timeline);
}

async function lastEndOf(
  archive: string,
  newestFirst: readonly Listed[],
  cache: SegmentCache,
): Promise<TransactionEnd | undefined> {
  for (const each of newestFirst) {
    const { lastEnd } = await read(archive, each, cache);
    if (lastEnd) return lastEnd;
  }
  return undefined;
}

async function read(archive: string, each: Listed, cache: SegmentCache): Promise<WalSegment> {
  const file = path.join(archive, segmentName(each, each.bytes));
  const known = cache.get(file);
  if (known) return known;
  // One after the other, in memory that is used again: of ten clusters each has a segment of 16 MiB to be read every few seconds.
  const reading = lastRead.then(async () => readWalSegment(await readInto(file), file));
  lastRead = reading.catch(() => {});
  const segment = await reading;
  cache.set(file, segment);
  return segment;
}

let lastRead: Promise<unknown> = Promise.resolve();
let memory = Buffer.alloc(0);

/** The whole file; the answer is another one after the next call. */
async function readInto(file: string): Promise<Buffer> {
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    if (memory.length < size) memory = Buffer.allocUnsafeSlow(size);
    let end = 0;
    while (end < size) {
      const { bytesRead } = await handle.read(memory, end, size - end, end);
      if (bytesRead === 0) break;
      end += bytesRead;
    }
    return memory.subarray(0, end);
  } finally {
    await handle.close();
  }
}
