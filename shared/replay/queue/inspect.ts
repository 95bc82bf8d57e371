import type { Clock } from '../../clock/clock.ts';
import type { Standing } from '../../ledger/key-status.ts';
import type { Wanted } from '../../ledger/ledger.ts';
import type { Account } from '../account/account.ts';
import { bodyHash } from '../message/body-hash.ts';
import type { DeadLetter } from '../message/dead-letter.ts';
import { replayOf } from '../message/replay-of.ts';
import { type SelectionRules, select } from '../message/selection.ts';
import { type DeadLetterQueue, QueueForbidden, type QueueState } from './dead-letter-queue.ts';

export interface InspectionPorts {
  readonly queue: DeadLetterQueue;
  readonly lookUp: (wanted: readonly Wanted[]) => Promise<Standing[]>;
  readonly clock: Clock;
}

/** What a queue holds, and what a replay would do with it. */
export interface Inspection {
  readonly state: QueueState;
  /** Messages that were read; the others are as unknown as before. */
  readonly read: number;
  /** What would become of those that were read, by word: `deliver`, `duplicate`, `busy`, `filtered`, or why it would be quarantined. */
  readonly wouldBe: Account['reasons'];
  /** When the oldest of those that were read was sent; null where none was. */
  readonly oldest: Date | null;
}

/** Long enough to read some thousand messages; if this process dies, they are back by then. */
const HIDDEN_MS = 60_000;
const RECEIVE = 10;

/**
 * Reads at most so many messages, asks what a replay would do with each, and shows them again at once. Changes nothing but
 * the messages' receive counts, which a dead-letter queue does not act on.
 *
 * @throws QueueMissing, QueueForbidden, FilterFails, LedgerUnavailable
 */
export async function inspect(
  { queue, lookUp, clock }: InspectionPorts,
  rules: SelectionRules,
  { atMost, signal }: { atMost: number; signal: AbortSignal },
): Promise<Inspection> {
  const state = await queue.inspect();
  const letters = new Map<string, DeadLetter>();
  try {
    await read(queue, letters, atMost, signal);
    const wouldBe: Record<string, number> = {};
    const add = (word: string) => {
      wouldBe[word] = (wouldBe[word] ?? 0) + 1;
    };
    const wanted = new Map<string, Wanted>();
    for (const letter of letters.values()) {
      const selection = select(letter, rules, clock.now());
      if (selection.verdict === 'leave') add(selection.why);
      else if (selection.verdict === 'quarantine') add(selection.kind);
      else {
        const { key } = selection;
        const one = {
          key,
          bodyHash: bodyHash(letter),
          messageId: letter.messageId,
          replayOf: replayOf(letter),
        };
        const first = wanted.get(key);
        if (!first) wanted.set(key, one);
        else add(first.bodyHash === one.bodyHash ? 'duplicate' : 'mismatch');
      }
    }
    for (const standing of await lookUp([...wanted.values()])) add(WORDS[standing]);
    const sent = [...letters.values()].map(({ sentAt }) => sentAt.getTime());
    return {
      state,
      read: letters.size,
      wouldBe,
      oldest: sent.length === 0 ? null : new Date(Math.min(...sent)),
    };
  } finally {
    await queue.hide([...letters.values()], 0).catch((error) => {
      if (error instanceof QueueForbidden) throw error;
      // Otherwise they come back by themselves.
    });
  }
}

const WORDS: Record<Standing, string> = {
  new: 'deliver',
  unknown: 'deliver',
  done: 'duplicate',
  busy: 'busy',
  mismatch: 'mismatch',
};

/** Reads until there is no more, or a message comes a second time: then the first ones are visible again. */
async function read(
  queue: DeadLetterQueue,
  letters: Map<string, DeadLetter>,
  atMost: number,
  signal: AbortSignal,
): Promise<void> {
  while (letters.size < atMost) {
    const max = Math.min(RECEIVE, atMost - letters.size);
    const received = await queue.receive({ max, wait: 1_000, hidden: HIDDEN_MS, signal });
    const again = received.some(({ messageId }) => letters.has(messageId));
    for (const letter of received) letters.set(letter.messageId, letter);
    if (received.length === 0 || again) break;
  }
}
