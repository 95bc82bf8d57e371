/** A position in the WAL, as PostgreSQL writes it: `16/B374D848`. */
export function parseLsn(text: string): bigint {
  const [high = '', low = ''] = text.split('/');
  return (BigInt(`0x${high}`) << 32n) | BigInt(`0x${low}`);
}

export function formatLsn(lsn: bigint): string {
  return `${(lsn >> 32n).toString(16)}/${(lsn & 0xffffffffn).toString(16)}`.toUpperCase();
}

/** Eight digits each: timeline, then the segment's number in two parts. */
export interface SegmentName {
  readonly timeline: number;
  readonly number: bigint;
}

/** Undefined for anything else that lies among segments: history files, partial ones, drafts. */
export function parseSegmentName(name: string, segmentBytes: number): SegmentName | undefined {
  if (!/^[0-9A-F]{24}$/.test(name)) return undefined;
  const perFile = 0x100000000n / BigInt(segmentBytes);
  const part = (at: number) => BigInt(`0x${name.slice(at, at + 8)}`);
  return { timeline: Number(part(0)), number: part(8) * perFile + part(16) };
}

export function segmentName({ timeline, number }: SegmentName, segmentBytes: number): string {
  const perFile = 0x100000000n / BigInt(segmentBytes);
  const parts = [BigInt(timeline), number / perFile, number % perFile];
  return parts.map((part) => part.toString(16).toUpperCase().padStart(8, '0')).join('');
}

/** Names of the segments that hold the WAL from one position up to another. */
export function segmentsBetween(
  start: string,
  stop: string,
  timeline: number,
  segmentBytes: number,
): string[] {
  const size = BigInt(segmentBytes);
  const last = (parseLsn(stop) - 1n) / size;
  const names: string[] = [];
  for (let number = parseLsn(start) / size; number <= last; number += 1n)
    names.push(segmentName({ timeline, number }, segmentBytes));
  return names;
}
