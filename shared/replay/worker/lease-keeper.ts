import type { Timer } from '../../clock/clock.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { DeadLetter } from '../message/dead-letter.ts';
import type { DeadLetterQueue } from '../queue/dead-letter-queue.ts';

/** Keeps the messages in hand hidden, and their claims alive, for as long as they are worked on. */
export interface Hold {
  add(message: DeadLetter): void;
  claimed(message: DeadLetter, key: string): void;
  release(message: DeadLetter): void;
  /** Extends what is about to run out, again and again, until the signal fires. */
  beat(signal: AbortSignal): Promise<void>;
}

/**
 * @param lease milliseconds for which a message is hidden and claimed at a time
 * @param trouble told of what could not be extended: the message may soon be somebody else's
 */
export function createLeaseKeeper(
  { queue, ledger, clock }: { queue: DeadLetterQueue; ledger: Ledger; clock: Timer },
  lease: number,
  trouble: (error: unknown) => void,
): Hold {
  const held = new Map<DeadLetter, { until: number; key: string | null }>();
  const now = () => clock.now().getTime();

  async function extend(): Promise<void> {
    const due = [...held].filter(([, { until }]) => until - now() < (lease * 2) / 3);
    if (due.length === 0) return;
    const until = now() + lease;
    for (const [, hold] of due) hold.until = until;
    await queue.hide(
      due.map(([message]) => message),
      lease,
    );
    const keys = due.flatMap(([message, { key }]) => (key !== null && held.has(message) ? [key] : []));
    if (keys.length > 0) await ledger.extend(keys, new Date(until));
  }

  return {
    add(message) {
      held.set(message, { until: now() + lease, key: null });
    },
    claimed(message, key) {
      const until = held.get(message)?.until ?? now() + lease; // the message is hidden no longer for being claimed
      held.set(message, { until, key });
    },
    release(message) {
      held.delete(message);
    },
    async beat(signal) {
      while (!signal.aborted) {
        try {
          await clock.sleep(lease / 6, signal);
          await extend();
        } catch (error) {
          if (!signal.aborted) trouble(error);
        }
      }
    },
  };
}
