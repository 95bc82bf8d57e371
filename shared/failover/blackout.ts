import type { Blackout } from '../plan/sections/failover.ts';
import { runsBefore } from '../plan/values/cron-days.ts';

/** The blackout window that a moment lies in, the one that ends last if it lies in several; null if it lies in none. */
export function blackoutAt(blackouts: readonly Blackout[], now: Date): { until: Date; why: string } | null {
  const windows = blackouts.flatMap(({ schedule, for: lasts, why }) => {
    const [begun] = runsBefore(schedule.slice('cron('.length, -1), now, lasts);
    return begun ? [{ until: new Date(begun.getTime() + lasts), why }] : [];
  });
  return windows.toSorted((one, other) => one.until.getTime() - other.until.getTime()).at(-1) ?? null;
}
