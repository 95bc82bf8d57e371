import type { Timer } from '../../clock/clock.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { DeadLetter } from '../message/dead-letter.ts';
import type { DeadLetterQueue } from '../queue/dead-letter-queue.ts';

/** Keeps the messages in hand hidden, and their claims alive, for as long as they are worked on. */
export interface Hold {
  add(letter: DeadLetter): void;
  claimed(letter: DeadLetter, key: string): void;
  release(letter: DeadLetter): void;
  /** Extends what is about to run out, again and again, until the signal fires. */
  beat(signal: AbortSignal): Promise<void>;
}

/**
 * @param lease milliseconds for which a message is hidden and claimed at a time
 * @param trouble told of what could not be extended: the message may soon be somebody else's
 */
export function createHold(
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
      due.map(([letter]) => letter),
      lease,
    );
    const keys = due.flatMap(([letter, { key }]) => (key !== null && held.has(letter) ? [key] : []));
    if (keys.length > 0) await ledger.extend(keys, new Date(until));
  }

  return {
    add(letter) {
      held.set(letter, { until: now() + lease, key: null });
    },
    claimed(letter, key) {
      const until = held.get(letter)?.until ?? now() + lease; // the message is hidden no longer for being claimed
      held.set(letter, { until, key });
    },
    release(letter) {
      held.delete(letter);
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
