import * as z from 'zod';
import type { Objective } from '../plan/sections/objectives.ts';

/**
 * A recovery time or point beside its target, in seconds. `measured` counts from a real onset; `estimated` says what it
 * would have been, had the source been lost when the run started; `not-measured` has no number.
 */
export const Measure = z.object({
  basis: z.enum(['measured', 'estimated', 'not-measured']),
  seconds: z.number().nullable(),
  targetSeconds: z.number(),
  met: z.boolean().nullable(),
});
export type Measure = z.infer<typeof Measure>;

/**
 * Measures a recovery. RPO is the failure time minus the newest recovered write; RTO runs from the failure to the
 * validated copy, because an unvalidated one is not usable.
 *
 * @param run all times are ISO 8601; the target is in milliseconds
 * @param run.incident the onset of a real disaster; null for a scheduled test
 * @param run.recoveredTo the newest heartbeat in the copy; null where the run never saw one
 * @param run.usableAt when validation ended with the verdict "verified"; null where it did not
 */
export function measureRecovery(run: {
  startedAt: string;
  incident: { readonly failedAt: string } | null;
  recoveredTo: string | null;
  usableAt: string | null;
  target: Objective;
}): { rpo: Measure; rto: Measure } {
  const onset = run.incident?.failedAt ?? run.startedAt;
  const basis = run.incident ? 'measured' : 'estimated';
  const recoveryTime = run.usableAt === null ? null : secondsBetween(onset, run.usableAt);
  const measure = (seconds: number | null, target: number): Measure => ({
    basis: seconds === null ? 'not-measured' : basis,
    seconds,
    targetSeconds: target / 1000,
    met: seconds === null ? null : seconds <= target / 1000,
  });
  return {
    rpo: measure(
      run.recoveredTo === null ? null : Math.max(0, secondsBetween(run.recoveredTo, onset)),
      run.target.rpo,
    ),
    // A negative recovery time means that the onset is wrong, so it must not meet a target.
    rto: measure(recoveryTime !== null && recoveryTime >= 0 ? recoveryTime : null, run.target.rto),
  };
}

/** Seconds from one ISO 8601 time to another; negative where the second is earlier. */
export function secondsBetween(from: string, to: string): number {
  return (Date.parse(to) - Date.parse(from)) / 1000;
}
