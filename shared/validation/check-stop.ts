import { judgeStop, type PickedMoment } from '../backup/rds-point-in-time/pick-moment.ts';
import type { CheckResult } from './verdict.ts';

/**
 * Whether a copy that was restored to a moment stops exactly there: it has the last heartbeat before it, and none from after it.
 *
 * @param between null where no heartbeats are known on both sides of the moment
 * @param newest the newest heartbeat in the copy; null if it has none
 */
export function checkStop(
  moment: Date,
  between: Pick<PickedMoment, 'before' | 'after'> | null,
  newest: Date | null,
): CheckResult {
  const name = 'the copy stops exactly at the moment';
  if (between === null)
    return {
      kind: 'coverage',
      name,
      outcome: 'left-out',
      expected: 'a noted heartbeat on both sides of it',
      found: `none, or one within seconds of ${moment.toISOString()}`,
    };
  const { before, after } = between;
  const stop = judgeStop({ moment, before, after }, newest);
  return {
    kind: 'stop',
    name,
    outcome: stop.kind === 'exact' ? 'passed' : 'failed',
    expected: `the heartbeat of ${before.toISOString()}, and not that of ${after.toISOString()}`,
    found: stop.kind === 'exact' ? 'so it is' : `${stop.kind}: ${stop.because}`,
  };
}
