import type { Timer } from '../../clock/clock.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { DeadLetter } from '../message/dead-letter.ts';
import type { DeadLetterQueue } from '../queue/dead-letter-queue.ts';

/** Keeps the messages that a worker holds hidden, and their claims alive, for as long as it works on them. */
export interface LeaseKeeper {
  add(message: DeadLetter): void;
  claimed(message: DeadLetter, key: string): void;
  release(message: DeadLetter): void;
  /** Renews the leases that are about to expire, until the signal fires. */
  renew(signal: AbortSignal): Promise<void>;
}

/**
 * @param leaseMs for how long a message is hidden and claimed at a time
 * @param onError told of a lease that could not be renewed: another worker may soon get the message
 */
export function createLeaseKeeper(
  { queue, ledger, clock }: { queue: DeadLetterQueue; ledger: Ledger; clock: Timer },
  leaseMs: number,
  onError: (error: unknown) => void,
): LeaseKeeper {
  const leases = new Map<DeadLetter, { until: number; key: string | null }>();
  const now = () => clock.now().getTime();

  async function renewDue(): Promise<void> {
    const due = [...leases].filter(([, { until }]) => until - now() < (leaseMs * 2) / 3);
    if (due.length === 0) return;
    const until = now() + leaseMs;
    for (const [, lease] of due) lease.until = until;
    await queue.hide(
      due.map(([message]) => message),
      leaseMs,
    );
    const keys = due.flatMap(([message, { key }]) => (key !== null && leases.has(message) ? [key] : []));
    if (keys.length > 0) await ledger.extend(keys, new Date(until));
  }

  return {
    add(message) {
      leases.set(message, { until: now() + leaseMs, key: null });
    },
    claimed(message, key) {
      const until = leases.get(message)?.until ?? now() + leaseMs; // a claim does not hide the message any longer
      leases.set(message, { until, key });
    },
    release(message) {
      leases.delete(message);
    },
    async renew(signal) {
      while (!signal.aborted) {
        try {
          await clock.sleep(leaseMs / 6, signal);
          await renewDue();
        } catch (error) {
          if (!signal.aborted) onError(error);
        }
      }
    },
  };
}
