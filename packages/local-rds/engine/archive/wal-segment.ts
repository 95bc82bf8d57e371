/**
 * Reads of a WAL segment what a restore needs to know: whose it is, and when transactions ended in it. After PostgreSQL 18's
 * access/xlog_internal.h, xlogrecord.h and xact.h; the package of binaries holds no pg_waldump.
 */
export interface WalSegment {
  readonly systemIdentifier: string;
  readonly timeline: number;
  /** The last commit or rollback that lies whole in this segment. A restore can stop before or after it. */
  readonly lastEnd: TransactionEnd | undefined;
}

export interface TransactionEnd {
  /** Where its record begins. */
  readonly lsn: bigint;
  /** Microseconds since 1970. */
  readonly microseconds: bigint;
}

/** The file is not a WAL segment of PostgreSQL 18. */
export class NotWal extends Error {
  override readonly name = 'NotWal';

  constructor(file: string, reason: string) {
    super(
      `${file} is not a WAL segment of PostgreSQL 18: ${reason}. Expected: a file that its archiver wrote.`,
    );
  }
}

const MAGIC = 0xd118;
const PAGE = 8192;
const SHORT_HEADER = 24;
const LONG_HEADER = 40;
const FIRST_IS_CONTINUATION = 0x0001;
const RECORD_HEADER = 24;
const TRANSACTION_MANAGER = 1;
/** xact.h: commit, abort, commit prepared, abort prepared. All begin with the time. */
const ENDS = new Set([0x00, 0x20, 0x30, 0x40]);
/** 2000-01-01, where PostgreSQL's clock begins. */
const EPOCH = 946_684_800_000_000n;

export function readWalSegment(bytes: Buffer, file: string): WalSegment {
  if (bytes.length < PAGE || bytes.readUInt16LE(0) !== MAGIC)
    throw new NotWal(file, 'it does not begin as one');
  const segmentBytes = bytes.readUInt32LE(32);
  if (segmentBytes !== bytes.length)
    throw new NotWal(file, `it has ${bytes.length} bytes of ${segmentBytes}`);
  const start = bytes.readBigUInt64LE(8);
  const reader = pages(bytes, start);
  let lastEnd: TransactionEnd | undefined;
  for (let at = reader.first; at !== undefined; ) {
    const record = reader.record(at);
    if (!record) break;
    const microseconds = endOfTransaction(record.bytes);
    if (microseconds !== undefined) lastEnd = { lsn: start + BigInt(at), microseconds };
    at = record.next;
  }
  return {
    systemIdentifier: bytes.readBigUInt64LE(24).toString(),
    timeline: bytes.readUInt32LE(4),
    lastEnd,
  };
}

/** Records run over the ends of pages, each of which begins with a header. */
function pages(bytes: Buffer, start: bigint) {
  const headerAt = (page: number) => (page === 0 ? LONG_HEADER : SHORT_HEADER);
  const isPage = (page: number) =>
    bytes.readUInt16LE(page) === MAGIC && bytes.readBigUInt64LE(page + 8) === start + BigInt(page);

  /** Where one is after so many bytes of content; undefined at the end of the segment. */
  function skip(from: number, count: number): number | undefined {
    let at = from;
    for (let left = count; ; ) {
      const end = at - (at % PAGE) + PAGE;
      if (left < end - at) return at + left;
      left -= end - at;
      if (end >= bytes.length || !isPage(end)) return undefined;
      at = end + headerAt(end);
    }
  }

  /** Bytes of content; shorter at the end of the segment. */
  function take(from: number, count: number): Buffer {
    const parts: Buffer[] = [];
    for (let at = from, left = count; left > 0; ) {
      const end = at - (at % PAGE) + PAGE;
      const part = bytes.subarray(at, Math.min(end, at + left));
      parts.push(part);
      left -= part.length;
      if (end >= bytes.length || !isPage(end)) break;
      at = end + headerAt(end);
    }
    return Buffer.concat(parts);
  }

  /** Records begin at multiples of eight, and one that has no room left begins on the next page. */
  function aligned(at: number | undefined): number | undefined {
    return at === undefined ? undefined : skip(at, (8 - (at % 8)) % 8);
  }

  const continued = bytes.readUInt16LE(2) & FIRST_IS_CONTINUATION ? bytes.readUInt32LE(16) : 0;
  return {
    first: aligned(skip(LONG_HEADER, continued)),
    /** The record's beginning, as much of it as tells what it is; undefined after the last whole record. */
    record(at: number): { bytes: Buffer; next: number | undefined } | undefined {
      const length = bytes.readUInt32LE(at);
      if (length < RECORD_HEADER) return undefined; // zeros after the last record
      const isTransaction = take(at, RECORD_HEADER)[17] === TRANSACTION_MANAGER;
      const record = take(at, isTransaction ? length : RECORD_HEADER);
      if (record.length < (isTransaction ? length : RECORD_HEADER)) return undefined;
      return { bytes: record, next: aligned(skip(at, length)) };
    },
  };
}

/** Undefined when the record is not the end of a transaction. */
function endOfTransaction(record: Buffer): bigint | undefined {
  if (record[17] !== TRANSACTION_MANAGER || !ENDS.has((record[16] ?? 0) & 0x70)) return undefined;
  for (let at = RECORD_HEADER; at < record.length; ) {
    const id = record[at];
    if (id === 255) return EPOCH + record.readBigInt64LE(at + 2); // data of up to 255 bytes
    if (id === 254) return EPOCH + record.readBigInt64LE(at + 5); // longer data
    if (id === 253)
      at += 3; // origin of a replicated transaction
    else if (id === 252)
      at += 5; // its top-level transaction
    else return undefined;
  }
  return undefined;
}
