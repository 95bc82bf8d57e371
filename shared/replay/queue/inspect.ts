import type { Clock } from '../../clock/clock.ts';
import type { KeyStatus } from '../../ledger/key-status.ts';
import type { ClaimRequest } from '../../ledger/ledger.ts';
import { countSource } from '../account/account.ts';
import { claimRequest } from '../message/claim-request.ts';
import type { Receipt, ReceivedMessage } from '../message/dead-letter.ts';
import { type SelectionRules, select } from '../message/send-leave-or-quarantine.ts';
import { queueSource, sourceOf } from '../message/source.ts';
import type { QuarantineReason } from '../quarantine/quarantined-message.ts';
import { type DeadLetterQueue, QueueForbidden, type QueueState } from './dead-letter-queue.ts';

export interface InspectionPorts {
  readonly queue: DeadLetterQueue;
  readonly readKeyStatus: (requests: readonly ClaimRequest[]) => Promise<KeyStatus[]>;
  readonly clock: Clock;
}

/** What a queue holds, and what a replay would do with it. */
export interface Inspection {
  readonly state: QueueState;
  /** Messages that were read. Nothing is known of the others. */
  readonly read: number;
  /** What would become of the messages that were read. */
  readonly wouldBe: Readonly<Partial<Record<Prospect, number>>>;
  /** Ids, as sources, of the queues whose redrive policy moves messages there. */
  readonly feeding: readonly string[];
  /** How many of the messages that would be sent came from each queue, function or target: by the ids of these sources. */
  readonly sources: Readonly<Record<string, number>>;
  /** When the oldest of those that were read was sent; null if none was. */
  readonly oldest: Date | null;
}

/** Long enough to read some thousand messages. If this process dies, they are visible again after that. */
const HIDDEN_MS = 60_000;
const RECEIVE = 10;

/**
 * Reads at most so many messages, finds what a replay would do with each, and shows them again at once. It changes only
 * the messages' receive counts, which a dead-letter queue does not act on.
 *
 * @throws QueueMissing, QueueForbidden, FilterFails, LedgerUnavailable
 */
export async function inspect(
  ports: InspectionPorts,
  rules: SelectionRules,
  { atMost, signal }: { atMost: number; signal: AbortSignal },
): Promise<Inspection> {
  const { queue, readKeyStatus, clock } = ports;
  const [state, feeding] = await Promise.all([queue.inspect(), queue.sources()]);
  let sources: Readonly<Record<string, number>> = {};
  const receipts = new Map<string, Receipt>();
  const wouldBe: Partial<Record<Prospect, number>> = {};
  const add = (prospect: Prospect) => {
    wouldBe[prospect] = (wouldBe[prospect] ?? 0) + 1;
  };
  const requests = new Map<string, ClaimRequest>();
  let oldest: Date | null = null;

  /** Decides on a message by itself. Only what the ledger is asked is kept of it, so that thousands fit into memory. */
  function look(received: ReceivedMessage): void {
    const { message } = received;
    if (oldest === null || message.sentAt < oldest) oldest = message.sentAt;
    const selection = select(received, rules, clock.now());
    if (selection.verdict === 'leave') add(selection.why);
    else if (selection.verdict === 'quarantine') add(selection.kind);
    else {
      sources = countSource(sources, sourceOf(message)?.id ?? null);
      const request = claimRequest(message, selection.key);
      const first = requests.get(request.key);
      if (!first) requests.set(request.key, request);
      else add(first.bodyHash === request.bodyHash ? 'duplicate' : 'mismatch');
    }
  }

  try {
    await readEach(queue, receipts, { atMost, signal }, look);
    for (const status of await readKeyStatus([...requests.values()])) add(PROSPECT_OF[status]);
    return { state, read: receipts.size, wouldBe, feeding: feeding.map(queueSource), sources, oldest };
  } finally {
    await queue.hide([...receipts.values()], 0).catch((error) => {
      if (error instanceof QueueForbidden) throw error;
      // After any other error they become visible again when their time is over.
    });
  }
}

/** What a replay would do with a message: deliver it, or not for one of these reasons. */
export type Prospect = 'deliver' | 'duplicate' | 'busy' | 'filtered' | QuarantineReason['kind'];

const PROSPECT_OF: Record<KeyStatus, Prospect> = {
  new: 'deliver',
  unknown: 'deliver',
  done: 'duplicate',
  busy: 'busy',
  mismatch: 'mismatch',
};

/** Reads until there is no more, or a message comes a second time: then the first ones are visible again. */
async function readEach(
  queue: DeadLetterQueue,
  receipts: Map<string, Receipt>,
  { atMost, signal }: { atMost: number; signal: AbortSignal },
  look: (received: ReceivedMessage) => void,
): Promise<void> {
  while (receipts.size < atMost) {
    const max = Math.min(RECEIVE, atMost - receipts.size);
    const batch = await queue.receive({ max, waitMs: 1_000, hiddenMs: HIDDEN_MS, signal });
    const repeated = batch.filter(({ message }) => receipts.has(message.messageId));
    const fresh = batch.filter(({ message }) => !receipts.has(message.messageId));
    for (const {
      message: { messageId, receiptHandle },
    } of batch)
      receipts.set(messageId, { messageId, receiptHandle });
    for (const received of fresh) look(received);
    if (batch.length === 0 || repeated.length > 0) break;
  }
}
