import type { Timer } from '../../clock/clock.ts';
import type { Target } from '../../delivery/target.ts';
import type { Locks } from '../../locks/locks.ts';

/** Why nothing may be sent at present. */
export type Blocker =
  | { readonly kind: 'failover'; readonly owner: string }
  | { readonly kind: 'unhealthy'; readonly reason: string };

/** The lock that a failover of the workload holds while it runs. */
const FAILOVER_LOCK = 'failover';

const EVERY_MS = 5_000;

/** A receiver that is being deployed may miss one health check. */
const UNHEALTHY_CHECKS = 2;

/** @returns null if messages may be sent */
export async function findBlocker(
  { target, locks }: { target: Target; locks: Pick<Locks, 'holder'> },
  signal: AbortSignal,
): Promise<Blocker | null> {
  const failover = await locks.holder(FAILOVER_LOCK);
  if (failover) return { kind: 'failover', owner: failover.owner };
  const health = await target.health(signal);
  return health === null || health.healthy ? null : { kind: 'unhealthy', reason: health.reason };
}

/** A blocker in words. */
export function describeBlocker(blocker: Blocker): string {
  switch (blocker.kind) {
    case 'failover':
      return `a failover of this workload runs (${blocker.owner}); replay after it`;
    case 'unhealthy':
      return `the target is unhealthy: ${blocker.reason}`;
  }
}

/**
 * Looks for blockers while messages are sent. A failover stops them at once, an unhealthy target the second time in a row.
 *
 * @param stop called once; the watch ends with it
 */
export async function watchBlockers(
  ports: { target: Target; locks: Pick<Locks, 'holder'>; clock: Timer },
  stop: (blocker: Blocker) => void,
  signal: AbortSignal,
): Promise<void> {
  let unhealthy = 0;
  while (!signal.aborted) {
    const blocker = await findBlocker(ports, signal);
    unhealthy = blocker?.kind === 'unhealthy' ? unhealthy + 1 : 0;
    if (blocker?.kind === 'failover' || (blocker && unhealthy >= UNHEALTHY_CHECKS)) return stop(blocker);
    await ports.clock.sleep(EVERY_MS, signal).catch(() => {});
  }
}
