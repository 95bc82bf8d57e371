import { formatDuration } from '../plan/values/duration.ts';
import type { CheckResult } from './verdict.ts';

/** What is known of the heartbeat that a copy is measured by. */
export interface Heartbeats {
  /** ISO 8601. */
  readonly snapshotAt: string;
  /** The newest heartbeat that the source held in its snapshot, as ISO 8601; null if there was none. */
  readonly ofSource: string | null;
  /** The newest one in the copy. */
  readonly ofCopy: Date | null;
}

/**
 * Compares the newest heartbeat in the copy with the snapshot's time.
 *
 * A copy that lacks the heartbeat of its source has failed. If the source's own heartbeat was far from the snapshot, its writer
 * had stopped or its clock was wrong. Then nobody knows how far the copy reaches, and that is not the backup's fault.
 */
export function checkFreshness(
  { snapshotAt, ofSource, ofCopy }: Heartbeats,
  freshnessMs: number,
): CheckResult {
  const base = {
    kind: 'freshness',
    name: 'the newest heartbeat is close to the snapshot',
    expected: `within ${formatDuration(freshnessMs)} of ${snapshotAt}`,
  } as const;
  const found = ofCopy ? ofCopy.toISOString() : 'no heartbeat';
  if (ofCopy && Math.abs(Date.parse(snapshotAt) - ofCopy.getTime()) <= freshnessMs)
    return { ...base, outcome: 'passed', found };
  if ((ofCopy?.toISOString() ?? null) !== ofSource)
    return { ...base, outcome: 'failed', found: `${found}; the source had ${ofSource ?? 'none'}` };
  const missing = ofSource === null;
  const why = missing
    ? 'the source had none either: it was never written, or the plan names another workload'
    : 'the source had no newer one: the heartbeat itself had stopped, or its clock was wrong. Look at the alarm on the metric HeartbeatWritten';
  return { ...base, outcome: 'not-run', found: `${found}; ${why}` };
}
