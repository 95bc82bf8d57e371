import * as z from 'zod';
import type { Objective } from '../plan/sections/objectives.ts';

/**
 * A recovery time or point beside its target, in seconds. `measured` counts from a real onset; `estimated` says what it
 * would have been, had the source been lost when the run started; `not-measured` has no number.
 */
export const Measure = z.object({
  basis: z.enum(['measured', 'estimated', 'not-measured']),
  seconds: z.number().nullable(),
  /** Null where any loss is accepted, or where a backup has no schedule to be judged by. */
  targetSeconds: z.number().nullable(),
  met: z.boolean().nullable(),
  /** Present where the target is what the backup's own schedule lets a scheduled test find, not the plan's objective. */
  judgedBy: z.literal('schedule').optional(),
});
export type Measure = z.output<typeof Measure>;

/** The worst loss that the plan's own schedules allow, beside the objective. It changes with the plan, not with a run. */
export const WorstLoss = z.object({
  /** The longest time between two backups. Null where nothing is taken on a schedule. */
  seconds: z.number().nullable(),
  /** The objective; null where any loss is accepted. */
  targetSeconds: z.number().nullable(),
  met: z.boolean(),
});
export type WorstLoss = z.output<typeof WorstLoss>;

/** What a plan takes on a schedule of the data that a run recovered. Durations in milliseconds. */
export interface Taken {
  /** The longest time between two backups of the database; null if none is taken on a schedule. */
  readonly worstLoss: number | null;
  /** How old the newest recovered write may be in a test that is no incident; null if no schedule says. */
  readonly oldest: number | null;
}

/**
 * Measures a recovery. RPO is the failure time minus the newest recovered write; RTO runs from the failure to the
 * validated copy, because an unvalidated one is not usable.
 *
 * A scheduled test knows no failure. At 04:00 it finds the backup of 02:00 two hours old, which is no breach of an objective of
 * 15 minutes. So its recovery point is judged by the backup's own schedule. Whether the schedules can meet the objective is
 * `worstLoss`.
 *
 * @param run all times are ISO 8601; the target is in milliseconds
 * @param run.incident the onset of a real disaster; null for a scheduled test
 * @param run.recoveredTo the newest heartbeat in the copy; null where the run never saw one
 * @param run.usableAt when validation ended with the verdict "verified"; null where it did not
 * @param run.availableAt when RDS called the run's instance available; absent for a copy on a server that stands. Its blocks, or its rows, came later
 * @param run.taken what is taken on a schedule; absent where the run recovers no backup
 */
export function measureRecovery(run: {
  startedAt: string;
  incident: { readonly failedAt: string } | null;
  recoveredTo: string | null;
  usableAt: string | null;
  availableAt?: string;
  target: Objective;
  taken?: Taken;
}): { rpo: Measure; rto: Measure; available?: Measure; worstLoss?: WorstLoss } {
  const { target, taken } = run;
  const onset = run.incident?.failedAt ?? run.startedAt;
  const basis = run.incident ? 'measured' : 'estimated';
  const recoveryTime = run.usableAt === null ? null : secondsBetween(onset, run.usableAt);
  const measure = (seconds: number | null, limitMs: number | null, judgedBy?: 'schedule'): Measure => ({
    basis: seconds === null ? 'not-measured' : basis,
    seconds,
    targetSeconds: inSeconds(limitMs),
    met: seconds === null || limitMs === null ? null : seconds <= limitMs / 1000,
    ...(judgedBy && { judgedBy }),
  });
  const loss = run.recoveredTo === null ? null : Math.max(0, secondsBetween(run.recoveredTo, onset));
  return {
    rpo: run.incident || !taken ? measure(loss, target.rpo) : measure(loss, taken.oldest, 'schedule'),
    // A negative recovery time means that the onset is wrong, so it must not meet a target.
    rto: measure(positive(recoveryTime), target.rto),
    ...(run.availableAt !== undefined && {
      available: measure(positive(secondsBetween(onset, run.availableAt)), target.rto),
    }),
    ...(taken && {
      worstLoss: {
        seconds: inSeconds(taken.worstLoss),
        targetSeconds: inSeconds(target.rpo),
        met: target.rpo === null || (taken.worstLoss !== null && taken.worstLoss <= target.rpo),
      },
    }),
  };
}

function positive(seconds: number | null): number | null {
  return seconds !== null && seconds >= 0 ? seconds : null;
}

function inSeconds(milliseconds: number | null): number | null {
  return milliseconds === null ? null : milliseconds / 1000;
}

/** Seconds from one ISO 8601 time to another; negative where the second is earlier. */
export function secondsBetween(from: string, to: string): number {
  return (Date.parse(to) - Date.parse(from)) / 1000;
}
