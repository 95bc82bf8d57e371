import prettyBytes from 'pretty-bytes';
import type { RecoveryPointRecord, Taken } from '../journal/journal.ts';
import { formatDuration } from '../plan/values/duration.ts';

/** What was unusual when a recovery point was taken, in words; null where it was as usual, or where nothing is known to compare it with. */
export interface Unusual {
  readonly duration: string | null;
  readonly size: string | null;
}

/** Fewer say nothing of what is usual. */
const FEWEST = 3;
/** The last ones, so that a database that grows stays usual. */
const MOST = 10;
/** A backup of seconds may take twice as long for no reason. */
const SHORTEST_SECONDS = 60;

/**
 * Compares the newest recovery point with the median of those before it: unusual is a run of more than twice the usual time, and a
 * size that differs by more than half.
 *
 * @param known the newest first
 */
export function unusual(known: readonly RecoveryPointRecord[]): Unusual {
  const [newest, ...before] = known.flatMap(({ taken }) => (taken ? [taken] : [])).slice(0, MOST + 1);
  if (!newest || before.length < FEWEST) return { duration: null, size: null };
  const usual = (of: (taken: Taken) => number) => median(before.map(of));
  const seconds = usual((each) => each.seconds);
  const bytes = usual((each) => each.bytes);
  const longer = newest.seconds > 2 * seconds && newest.seconds - seconds > SHORTEST_SECONDS;
  const differs = Math.abs(newest.bytes - bytes) > bytes / 2;
  return {
    duration: longer ? `took ${inWords(newest.seconds)}, usually ${inWords(seconds)}` : null,
    size: differs ? `read ${prettyBytes(newest.bytes)}, usually ${prettyBytes(Math.round(bytes))}` : null,
  };
}

const inWords = (seconds: number) => formatDuration(Math.round(seconds) * 1000);

function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)] ?? 0;
  return Number.isInteger(middle) ? ((sorted[middle - 1] ?? 0) + upper) / 2 : upper;
}
