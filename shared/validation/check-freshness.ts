import { formatDuration } from '../plan/values/duration.ts';
import type { CheckResult } from './verdict.ts';

/**
 * Compares the newest heartbeat in the copy with the snapshot's time. If it is much older, the source had gone quiet or was
 * not the source. If it is later by more than clocks differ, it would hide every loss before it.
 *
 * @param snapshotAt ISO 8601
 */
export function checkFreshness(
  snapshotAt: string,
  recoveredTo: Date | null,
  freshnessMs: number,
): CheckResult {
  const ageMs = recoveredTo ? Date.parse(snapshotAt) - recoveredTo.getTime() : null;
  return {
    kind: 'freshness',
    name: 'the newest heartbeat is close to the snapshot',
    outcome: ageMs !== null && Math.abs(ageMs) <= freshnessMs ? 'passed' : 'failed',
    expected: `within ${formatDuration(freshnessMs)} of ${snapshotAt}`,
    found: recoveredTo ? recoveredTo.toISOString() : 'no heartbeat',
  };
}
