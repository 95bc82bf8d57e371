import type { Timer } from '../../clock/clock.ts';
import type { Target } from '../../delivery/target.ts';
import type { Locks } from '../../locks/dynamo-locks.ts';

/** The lock that a failover of the workload holds while it runs. */
const FAILOVER_LOCK = 'failover';

const EVERY_MS = 5_000;

/** A receiver that is being deployed may miss one question. */
const UNHEALTHY = 2;

/** Why nothing may be sent at present; null where all is well. */
export async function obstacle(
  { target, locks }: { target: Target; locks: Locks },
  signal: AbortSignal,
): Promise<string | null> {
  const failover = await locks.holder(FAILOVER_LOCK);
  if (failover) return `a failover of this workload runs (${failover.owner}); replay after it`;
  const health = await target.health(signal);
  return health === null || health.healthy ? null : `the target is not well: ${health.reason}`;
}

/**
 * Asks again and again while messages are sent.
 *
 * @param stop told why sending must stop; asked no more after that
 */
export async function watch(
  ports: { target: Target; locks: Locks; clock: Timer },
  stop: (reason: string) => void,
  signal: AbortSignal,
): Promise<void> {
  let unwell = 0;
  while (!signal.aborted) {
    const seen = await obstacle(ports, signal);
    unwell = seen === null ? 0 : unwell + 1;
    if (seen !== null && (unwell >= UNHEALTHY || seen.startsWith('a failover'))) return stop(seen);
    await ports.clock.sleep(EVERY_MS, signal).catch(() => {});
  }
}
