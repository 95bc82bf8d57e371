import type { Timer } from '../../clock/clock.ts';
import { createBatcher } from '../../concurrency/batcher.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { type Account, countSource, EMPTY_ACCOUNT } from '../account/account.ts';
import type { AccountStore } from '../account/account-store.ts';
import type { Ending } from '../account/ending.ts';
import type { DeadLetter, Disposition } from '../message/dead-letter.ts';
import type { DeadLetterQueue } from '../queue/dead-letter-queue.ts';
import type { Outcome } from './message-outcome.ts';

/** Records what became of a worker's messages, in an order in which none is lost and none is counted twice. */
export interface OutcomeRecorder {
  /** @param source where the message came from; null where nothing tells */
  received(source: string | null): void;
  /** Before each request to the target. */
  sending(): void;
  /**
   * Before a request to the target after one that may have taken effect. Resolves once the request is counted in the saved
   * account, because it is known to no one else if this worker dies. Rejects where that failed: nothing may be sent then.
   */
  resending(): Promise<void>;
  /**
   * Resolves with what really became of the message: `returned` if the ledger could not be written, `duplicate` if the
   * ledger has the word of another worker.
   */
  record(message: DeadLetter, outcome: Outcome): Promise<Disposition>;
  /** Saves the last figures. @throws what the account store throws */
  close(ending: Ending): Promise<Account>;
  account(): Account;
}

export interface RecorderPorts {
  readonly ledger: Pick<Ledger, 'settle'>;
  readonly accounts: Pick<AccountStore, 'save'>;
  readonly queue: Pick<DeadLetterQueue, 'delete' | 'hide'>;
  readonly clock: Timer;
  readonly owner: string;
  /** When the worker takes on no more. Until then, messages that went back stay hidden, so that it does not get them again. */
  readonly until: Date;
  /** Told of a ledger, an account or a queue that could not be written: the worker must end. */
  readonly onError: (error: unknown) => void;
}

/** Outcomes that are recorded together cost one write of the account. */
const BATCH = 100;
const GATHER_MS = 10;

interface Recorded extends Outcome {
  readonly message: DeadLetter;
}

type Update = { readonly kind: 'outcome'; readonly outcome: Recorded } | { readonly kind: 'resending' };

/**
 * Writes each batch to the ledger, then to the account, then to the queue.
 *
 * If the worker is killed after the ledger, the message comes back. The ledger names a batch that was never saved, so the
 * message is counted then. If the worker is killed after the account, the message comes back as a duplicate. So each message
 * that left the queue is in the account once: docs/decisions/0005-the-account-before-the-delete.md
 */
export function createOutcomeRecorder(ports: RecorderPorts): OutcomeRecorder {
  const { ledger, accounts, queue, owner, clock, until, onError } = ports;
  let account = EMPTY_ACCOUNT;
  let batch = 0;
  /** The last batch that the ledger has and the account knows. */
  let lastConfirmed = 0;
  const pendingUpdates = new Set<Promise<void>>();

  const save = (ending: Ending | null) => accounts.save({ owner, number: lastConfirmed }, account, ending);
  const updates = createBatcher<Update, Disposition>(write, {
    atMost: BATCH,
    gatherMs: GATHER_MS,
    clock,
    oneAtATime: true,
  });

  async function write(all: readonly Update[]): Promise<(Disposition | Error)[]> {
    const outcomes = await settle(
      all.flatMap((update) => (update.kind === 'outcome' ? [update.outcome] : [])),
    );
    account = outcomes.reduce(count, account);
    let failure: Error | null = null;
    try {
      await save(null);
      // The next batch need not wait for the queue. A message that is not deleted comes back as a duplicate.
      const update = updateQueue(outcomes);
      pendingUpdates.add(update);
      void update.finally(() => pendingUpdates.delete(update));
    } catch (error) {
      onError(error); // nothing is deleted: each message comes back and finds a batch that was never saved
      failure = error instanceof Error ? error : new Error(String(error));
    }
    const dispositions = outcomes.values();
    return all.map(({ kind }) =>
      kind === 'outcome' ? (dispositions.next().value?.disposition ?? 'returned') : (failure ?? 'returned'),
    );
  }

  /** Writes a batch to the ledger. @returns what really became of the messages */
  async function settle(outcomes: readonly Recorded[]): Promise<Recorded[]> {
    const isConfirmed = lastConfirmed === batch;
    batch++;
    const lost = await writeLedger(outcomes, batch);
    if (isConfirmed && lost !== null) lastConfirmed = batch;
    return outcomes.map((outcome) => asRecorded(outcome, lastConfirmed === batch ? lost : null));
  }

  /** @returns the outcomes that the ledger contradicts; null if it could not be written */
  async function writeLedger(
    outcomes: readonly Recorded[],
    number: number,
  ): Promise<ReadonlySet<Recorded> | null> {
    const settlements = outcomes.flatMap(({ message: { messageId }, disposition, settle }) => {
      // A message that the application has is not delivered by a replay: no one must count it if this worker dies.
      const by = disposition === 'duplicate' ? 0 : number;
      return settle ? [{ ...settle, messageId, batch: by }] : [];
    });
    try {
      const lost = new Set(await ledger.settle(settlements));
      return new Set(outcomes.filter(({ settle }) => settle !== null && lost.has(settle.key)));
    } catch (error) {
      onError(error);
      return null;
    }
  }

  async function updateQueue(outcomes: readonly Recorded[]): Promise<void> {
    const messages = (returned: boolean) =>
      outcomes
        .filter(({ disposition }) => (disposition === 'returned') === returned)
        .map(({ message }) => message);
    try {
      await queue.delete(messages(false));
      await queue.hide(messages(true), Math.max(0, until.getTime() - clock.now().getTime()));
    } catch (error) {
      onError(error);
    }
  }

  return {
    received(source) {
      account = {
        ...account,
        received: account.received + 1,
        sources: countSource(account.sources ?? {}, source),
      };
    },
    sending() {
      account = { ...account, attempts: account.attempts + 1 };
    },
    async resending() {
      account = { ...account, unknown: account.unknown + 1 };
      await updates.ask({ kind: 'resending' });
    },
    record: (message, outcome) => updates.ask({ kind: 'outcome', outcome: { message, ...outcome } }),
    async close(ending) {
      await updates.idle();
      await Promise.all(pendingUpdates);
      await save(ending);
      return account;
    },
    account: () => account,
  };
}

/**
 * What really became of a message.
 *
 * @param lost the outcomes that the ledger contradicts; null once it could not be written. What it recorded all the same is
 *   counted by the worker that gets the message next
 */
function asRecorded(outcome: Recorded, lost: ReadonlySet<Recorded> | null): Recorded {
  const { disposition, settle } = outcome;
  if (disposition === 'returned' || settle === null) return outcome;
  if (lost === null) return { ...outcome, disposition: 'returned', reason: 'unrecorded' };
  return lost.has(outcome) ? { ...outcome, disposition: 'duplicate', reason: 'done-before' } : outcome;
}

const COUNTER = {
  delivered: 'delivered',
  duplicate: 'duplicates',
  quarantined: 'quarantined',
  returned: 'returned',
} as const;

function count(account: Account, { disposition, reason }: Outcome): Account {
  const counter = COUNTER[disposition];
  return {
    ...account,
    [counter]: account[counter] + 1,
    reasons:
      reason === null
        ? account.reasons
        : { ...account.reasons, [reason]: (account.reasons[reason] ?? 0) + 1 },
  };
}
