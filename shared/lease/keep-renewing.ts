import type { Timer } from '../clock/clock.ts';
import type { Renewal } from './renew-lease.ts';

/** What became of the renewals of one call of the function. */
export interface Renewals {
  readonly renewed: number;
  /** Renewals that failed, by an error. */
  readonly failed: number;
  /** What ended them before the time was over; null if nothing did. */
  readonly ended: Exclude<Renewal, { outcome: 'renewed' }> | null;
  /** The last error, also where a later renewal succeeded. */
  readonly lastError: Error | null;
}

/**
 * Renews again and again until the time is over: Lambda's schedules have whole minutes, and a lease is shorter. A renewal that
 * fails is tried again at the next turn, because the lease outlasts several. One that was refused ends it.
 *
 * @param options.until no renewal begins after that
 */
export async function keepRenewing(
  renew: () => Promise<Renewal>,
  { everyMs, until, clock, signal }: { everyMs: number; until: Date; clock: Timer; signal: AbortSignal },
): Promise<Renewals> {
  let renewed = 0;
  let failed = 0;
  let lastError: Error | null = null;
  for (;;) {
    const begun = clock.now().getTime();
    try {
      const renewal = await renew();
      if (renewal.outcome !== 'renewed') return { renewed, failed, ended: renewal, lastError };
      renewed += 1;
    } catch (error) {
      failed += 1;
      lastError = error instanceof Error ? error : new Error(String(error));
    }
    const next = begun + everyMs;
    if (next > until.getTime() || signal.aborted) return { renewed, failed, ended: null, lastError };
    try {
      await clock.sleep(Math.max(0, next - clock.now().getTime()), signal);
    } catch {
      return { renewed, failed, ended: null, lastError };
    }
  }
}
