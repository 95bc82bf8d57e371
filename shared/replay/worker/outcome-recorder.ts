import type { Timer } from '../../clock/clock.ts';
import type { Ledger, Settlement } from '../../ledger/ledger.ts';
import { type Account, EMPTY_ACCOUNT } from '../account/account.ts';
import type { AccountStore } from '../account/account-store.ts';
import type { DeadLetter, Disposition } from '../message/dead-letter.ts';
import type { DeadLetterQueue } from '../queue/dead-letter-queue.ts';

/** What becomes of one receive of a message. */
export interface Entry {
  readonly message: DeadLetter;
  readonly disposition: Disposition;
  /** One word for the account; none for a plain delivery. */
  readonly reason: string | null;
  /** What the ledger is told; null where there is nothing to tell. */
  readonly settle: Pick<Settlement, 'key' | 'as' | 'from'> | null;
}

/** Where a worker writes down what became of its messages, in the order that loses and doubles nothing. */
export interface Book {
  received(): void;
  /** Before each request to the target. */
  sending(): void;
  /**
   * Before a request to the target after one that may have taken effect. Resolves once it is counted for good: if this
   * worker dies after it, nobody else knows of it. Rejects where the account could not be saved; it must not be sent then.
   */
  resending(): Promise<void>;
  /**
   * Resolves with what really became of the message: `returned` where the ledger could not be told, `duplicate` where it
   * knows that another did the same.
   */
  enter(entry: Entry): Promise<Disposition>;
  /** Saves the last figures. @throws what the account store throws */
  close(ended: string): Promise<Account>;
  account(): Account;
}

/** Messages that are entered together cost one write of the account. */
const BATCH = 100;
const GATHER_MS = 10;

/**
 * For each batch: the ledger, then the account, then the queue. Killed after the ledger, the message comes back, and the
 * ledger names a batch that was never saved, so that it is counted then. Killed after the account, it comes back as a
 * duplicate. So each message that left the queue stands in the account, once: docs/decisions/0005-the-account-before-the-delete.md
 *
 * @param trouble told of a ledger, an account or a queue that could not be written: the worker must end
 */
export function createOutcomeRecorder(ports: {
  ledger: Ledger;
  accounts: Pick<AccountStore, 'save'>;
  queue: DeadLetterQueue;
  owner: string;
  clock: Timer;
  /** When the worker takes on no more: until then, what went back to the queue is hidden from it. */
  until: Date;
  trouble: (error: unknown) => void;
}): Book {
  const { ledger, accounts, queue, owner, clock, until, trouble } = ports;
  let account = EMPTY_ACCOUNT;
  let number = 0;
  /** The last batch of which the ledger was told, and which the account knows. */
  let sure = 0;
  let writing: Promise<void> | null = null;
  const waiting: { entry: Entry; written: PromiseWithResolvers<Disposition> }[] = [];
  const resends: PromiseWithResolvers<void>[] = [];
  const telling = new Set<Promise<void>>();

  const save = (ended: string | null) => accounts.save({ owner, number: sure }, account, ended);

  async function write(entries: readonly Entry[]): Promise<Disposition[]> {
    const isSure = sure === number;
    number++;
    const lost = await tellLedger(entries, number);
    if (isSure && lost !== null) sure = number;
    const outcomes = entries.map((entry) => outcome(entry, sure === number ? lost : null));
    account = outcomes.reduce(count, account);
    const counted = resends.splice(0);
    try {
      await save(null);
      for (const { resolve } of counted) resolve();
      // The next batch need not wait for the queue: what is not deleted comes back as a duplicate.
      const told = tellQueue(outcomes);
      telling.add(told);
      void told.finally(() => telling.delete(told));
    } catch (error) {
      trouble(error); // nothing is deleted: what comes back finds a batch that was never saved
      for (const { reject } of counted) reject(error);
    }
    return outcomes.map(({ disposition }) => disposition);
  }

  /** @returns the entries of which the ledger knows otherwise; null where it could not be told of all */
  async function tellLedger(entries: readonly Entry[], batch: number): Promise<ReadonlySet<Entry> | null> {
    const told = entries.flatMap(({ message: { messageId }, disposition, settle }) => {
      // What the application had is no delivery of ours: there is nothing to count if this worker dies.
      const number = disposition === 'duplicate' ? 0 : batch;
      return settle ? [{ ...settle, messageId, batch: number }] : [];
    });
    try {
      const lost = new Set(await ledger.settle(told));
      return new Set(entries.filter(({ settle }) => settle !== null && lost.has(settle.key)));
    } catch (error) {
      trouble(error);
      return null;
    }
  }

  async function tellQueue(outcomes: readonly Entry[]): Promise<void> {
    const messages = (returned: boolean) =>
      outcomes
        .filter(({ disposition }) => (disposition === 'returned') === returned)
        .map(({ message }) => message);
    try {
      await queue.delete(messages(false));
      await queue.hide(messages(true), Math.max(0, until.getTime() - clock.now().getTime()));
    } catch (error) {
      trouble(error);
    }
  }

  /** One batch after the other, each of all that came meanwhile. */
  async function writeWaiting(): Promise<void> {
    await clock.sleep(GATHER_MS);
    while (waiting.length > 0 || resends.length > 0) {
      const batch = waiting.splice(0, BATCH);
      try {
        const dispositions = await write(batch.map(({ entry }) => entry));
        batch.forEach(({ written }, index) => {
          written.resolve(dispositions[index] ?? 'returned');
        });
      } catch (error) {
        for (const { written } of batch) written.reject(error);
      }
    }
    writing = null; // at once, so that nobody enters what is not written
  }

  return {
    received() {
      account = { ...account, received: account.received + 1 };
    },
    sending() {
      account = { ...account, attempts: account.attempts + 1 };
    },
    resending() {
      account = { ...account, unknown: account.unknown + 1 };
      const counted = Promise.withResolvers<void>();
      resends.push(counted);
      writing ??= writeWaiting();
      return counted.promise;
    },
    enter(entry) {
      const written = Promise.withResolvers<Disposition>();
      waiting.push({ entry, written });
      writing ??= writeWaiting();
      return written.promise;
    },
    async close(ended) {
      await writing;
      await Promise.all(telling);
      await save(ended);
      return account;
    },
    account: () => account,
  };
}

/**
 * What really became of a message.
 *
 * @param lost the entries of which the ledger knows otherwise; null once it could not be told of all: what it may have
 *   recorded since is counted by whoever meets the message again
 */
function outcome(entry: Entry, lost: ReadonlySet<Entry> | null): Entry {
  const { disposition, settle } = entry;
  if (disposition === 'returned' || settle === null) return entry;
  if (lost === null) return { ...entry, disposition: 'returned', reason: 'unrecorded' };
  return lost.has(entry) ? { ...entry, disposition: 'duplicate', reason: 'done-before' } : entry;
}

const COUNTER = {
  delivered: 'delivered',
  duplicate: 'duplicates',
  quarantined: 'quarantined',
  returned: 'returned',
} as const;

function count(account: Account, { disposition, reason }: Entry): Account {
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
