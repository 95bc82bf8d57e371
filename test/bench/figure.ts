/** One measured figure; `theirs` null where there is nothing to hold it against. */
export interface Figure {
  readonly what: string;
  readonly ours: number;
  readonly theirs: number | null;
  readonly better: 'less' | 'more';
}

/** How many times better ours is; null where there is nothing to hold it against. */
export function ratioOf({ ours, theirs, better }: Figure): number | null {
  if (theirs === null) return null;
  return better === 'less' ? theirs / ours : ours / theirs;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted[Math.floor(sorted.length / 2)];
  if (middle === undefined) throw new RangeError('no values, no median');
  return middle;
}
