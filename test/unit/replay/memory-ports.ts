import type { Timer } from '../../../shared/clock/clock.ts';
import { judgeClaim, judgeSettlement } from '../../../shared/ledger/decide-claim.ts';
import type { Ledger, Settlement } from '../../../shared/ledger/ledger.ts';
import type { LedgerRecord } from '../../../shared/ledger/ledger-record.ts';
import type { WorkerAccount } from '../../../shared/replay/account/account-store.ts';
import type { DeadLetter } from '../../../shared/replay/message/dead-letter.ts';
import type { DeadLetterQueue } from '../../../shared/replay/queue/dead-letter-queue.ts';
import type { DrainPorts } from '../../../shared/replay/worker/drain.ts';

/**
 * A standard or FIFO queue as SQS keeps one, by a clock of the test's. Only the receipt of the last receive is of use.
 *
 * @param unlucky asked before each message: whether it is received though it is hidden, and whether it is not deleted
 */
export function memoryQueue(
  clock: Timer,
  messages: readonly Partial<DeadLetter>[],
  unlucky: (what: 'received twice' | 'not deleted') => boolean = () => false,
) {
  const now = () => clock.now().getTime();
  const kept = new Map<string, { letter: DeadLetter; visibleAt: number }>();
  for (const [index, message] of messages.entries()) {
    const letter: DeadLetter = {
      messageId: `m${index}`,
      receiptHandle: '',
      body: '{}',
      attributes: {},
      sentAt: clock.now(),
      receiveCount: 0,
      groupId: null,
      deduplicationId: null,
      ...message,
    };
    kept.set(letter.messageId, { letter, visibleAt: 0 });
  }

  const isVisible = ({ visibleAt }: { visibleAt: number }) => visibleAt <= now();
  const held = ({ messageId, receiptHandle }: DeadLetter) => {
    const message = kept.get(messageId);
    return message?.letter.receiptHandle === receiptHandle ? message : undefined;
  };

  function take(max: number, hidden: number): DeadLetter[] {
    const hiddenGroups = new Set(
      [...kept.values()].filter((message) => !isVisible(message)).map(({ letter }) => letter.groupId),
    );
    const isFree = ({ groupId }: DeadLetter) => groupId === null || !hiddenGroups.has(groupId);
    const given = [...kept.values()].filter(
      (message) => (isVisible(message) && isFree(message.letter)) || unlucky('received twice'),
    );
    return given.slice(0, max).map((message) => {
      const receiveCount = message.letter.receiveCount + 1;
      const receiptHandle = `${message.letter.messageId}/${receiveCount}`;
      message.letter = { ...message.letter, receiveCount, receiptHandle };
      message.visibleAt = now() + hidden;
      return message.letter;
    });
  }

  const queue: DeadLetterQueue = {
    async receive({ max, wait, hidden, signal }) {
      for (const until = now() + wait; ; await clock.sleep(100, signal)) {
        const letters = take(max, hidden);
        if (letters.length > 0 || now() >= until) return letters;
      }
    },
    async delete(letters) {
      return letters.flatMap((letter) => {
        if (unlucky('not deleted')) return [{ letter, reason: 'InternalError' }];
        if (held(letter)) kept.delete(letter.messageId);
        return [];
      });
    },
    async hide(letters, milliseconds) {
      for (const letter of letters) {
        const message = held(letter);
        if (message) message.visibleAt = now() + milliseconds;
      }
      return [];
    },
    async inspect() {
      const visible = [...kept.values()].filter(isVisible).length;
      return { visible, inFlight: kept.size - visible, delayed: 0, retention: 0, fifo: false };
    },
  };
  return { queue, size: () => kept.size };
}

/** The ledger's table: judged as the one in DynamoDB is, each call at one moment. @returns the ledger of an owner */
export function memoryLedger(clock: Timer): (owner: string) => Ledger {
  const records = new Map<string, LedgerRecord>();
  return (owner) => {
    let claims = 0;
    const isHeld = (record: LedgerRecord) => record.owner === owner && record.state === 'claimed';
    const isFrom = (record: LedgerRecord, { as, from }: Settlement) =>
      record.state === as &&
      'batch' in record &&
      record.owner === from?.owner &&
      record.batch === from.number;

    function settled(record: LedgerRecord, { as, batch, messageId }: Settlement): LedgerRecord {
      const common = { ...record, owner, messageId, unknown: record.unknown || as === 'unknown' };
      return as === 'delivered' || as === 'quarantined'
        ? { ...common, state: as, batch }
        : { ...common, state: as };
    }

    return {
      async claim(wanted, leaseUntil) {
        const claim = ++claims;
        return wanted.map((one) => {
          const { key, messageId } = one;
          const record = records.get(key);
          const judged = record
            ? judgeClaim(record, one, { owner, claim }, clock.now())
            : { state: 'free' as const, unknown: false, attempts: 0 };
          if (judged.state !== 'free') return judged;
          const { unknown, attempts } = judged;
          const bodyHash = record?.bodyHash ?? one.bodyHash;
          const lease = { owner, claim, leaseUntil: leaseUntil.getTime() };
          records.set(key, { state: 'claimed', ...lease, bodyHash, messageId, attempts, unknown });
          return { state: 'claimed' as const, unknown, attempts };
        });
      },
      async extend(keys, leaseUntil) {
        return keys.map((key) => {
          const record = records.get(key);
          if (!record || !isHeld(record)) return false;
          records.set(key, { ...record, leaseUntil: leaseUntil.getTime() });
          return true;
        });
      },
      async settle(settlements) {
        return settlements.flatMap((one) => {
          const record = records.get(one.key);
          if (!record) throw new Error(`the ledger has no record of ${one.key}`);
          const mine = one.from ? isFrom(record, one) : isHeld(record);
          const is = mine ? 'held' : judgeSettlement(record, one, owner);
          if (is === 'held' || is === 'overrule') records.set(one.key, settled(record, one));
          return is === 'lost' ? [one.key] : [];
        });
      },
    };
  };
}

/** The accounts of all workers, as the journal keeps them. */
export function memoryAccounts(clock: Timer) {
  const saved = new Map<string, WorkerAccount>();
  const store: DrainPorts['accounts'] = {
    async save({ owner, number }, account, ended) {
      const before = saved.get(owner);
      if (before && (before.batch > number || (before.batch === number && before.ended !== null))) return;
      saved.set(owner, { owner, batch: number, account, savedAt: clock.now(), ended });
    },
    savedBatch: async (owner) => saved.get(owner)?.batch ?? 0,
  };
  return { store, all: () => [...saved.values()] };
}
