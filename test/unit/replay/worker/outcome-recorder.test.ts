import { describe, expect, test } from 'vitest';
import type { Ledger, Settlement } from '../../../../shared/ledger/ledger.ts';
import type { Account } from '../../../../shared/replay/account/account.ts';
import type { Ending } from '../../../../shared/replay/account/ending.ts';
import type { DeadLetter } from '../../../../shared/replay/message/dead-letter.ts';
import type { DeadLetterQueue } from '../../../../shared/replay/queue/dead-letter-queue.ts';
import type { Outcome } from '../../../../shared/replay/worker/message-outcome.ts';
import {
  createOutcomeRecorder,
  type OutcomeRecorder,
} from '../../../../shared/replay/worker/outcome-recorder.ts';
import { deadLetter } from '../dead-letter.ts';
import { virtualTimer } from '../virtual-timer.ts';

const OWNER = 'run/1/0/a';
const EMPTY: Ending = { ended: 'empty', reason: 'the queue has no more' };
const STOPPED: Ending = { ended: 'stopped', reason: 'the ledger is unavailable' };
const WORK_MS = 60_000;

interface Ports {
  settle?: (settlements: readonly Settlement[]) => Promise<string[]>;
  save?: (batch: number, account: Account) => Promise<void>;
  delete?: () => Promise<never>;
}

/** A recorder, and all that it told the ledger, the account and the queue, in its order. */
function open(ports: Ports = {}) {
  const clock = virtualTimer();
  const told: string[] = [];
  const saved: { batch: number; account: Account; ending: Ending | null }[] = [];
  const hidden: number[] = [];
  const errors: unknown[] = [];
  const ledger: Pick<Ledger, 'settle'> = {
    async settle(settlements) {
      told.push(`ledger ${settlements.map(({ key, as, batch }) => `${key} ${as} ${batch}`).join(', ')}`);
      return (await ports.settle?.(settlements)) ?? [];
    },
  };
  const queue: Pick<DeadLetterQueue, 'delete' | 'hide'> = {
    async delete(messages) {
      await ports.delete?.();
      if (messages.length > 0) told.push(`delete ${messages.map(({ messageId }) => messageId).join(', ')}`);
      return [];
    },
    async hide(messages, milliseconds) {
      if (messages.length > 0) told.push(`hide ${messages.map(({ messageId }) => messageId).join(', ')}`);
      hidden.push(milliseconds);
      return [];
    },
  };
  const recorder = createOutcomeRecorder({
    ledger: ledger as Ledger,
    accounts: {
      async save({ number: batch }, account, ending) {
        told.push(`save ${batch}`);
        await ports.save?.(batch, account);
        saved.push({ batch, account, ending });
      },
    },
    queue: queue as DeadLetterQueue,
    owner: OWNER,
    clock,
    until: new Date(clock.now().getTime() + WORK_MS),
    onError: (error) => errors.push(error),
  });
  return { recorder, told, saved, hidden, errors, clock };
}

function entry(
  key: string,
  disposition: Outcome['disposition'],
  difference: Partial<Outcome> = {},
): [DeadLetter, Outcome] {
  const as = disposition === 'returned' ? 'open' : disposition === 'quarantined' ? disposition : 'delivered';
  const outcome: Outcome = { disposition, reason: null, settle: { key, as }, ...difference };
  return [deadLetter({ messageId: key }), outcome];
}

const recordAll = (recorder: OutcomeRecorder, entries: readonly ReturnType<typeof entry>[]) =>
  Promise.all(
    entries.map((one) => {
      recorder.received(null);
      return recorder.record(...one);
    }),
  );
const away = async () => {
  throw new Error('nobody answers');
};

describe('a batch', () => {
  test('is told to the ledger, then to the account, then to the queue', async () => {
    const { recorder, told } = open();
    await recordAll(recorder, [entry('a', 'delivered'), entry('b', 'returned'), entry('c', 'quarantined')]);
    await recorder.close(EMPTY);
    expect(told).toEqual([
      'ledger a delivered 1, b open 1, c quarantined 1',
      'save 1',
      'delete a, c',
      'hide b',
      'save 1',
    ]);
  });

  test('is of all that came meanwhile', async () => {
    const { recorder, told, saved } = open();
    const keys = Array.from({ length: 130 }, (_, number) => `k${number}`);
    await recordAll(
      recorder,
      keys.map((key) => entry(key, 'delivered')),
    );
    const calls = told.filter((line) => line.startsWith('ledger'));
    expect(calls.map((line) => line.split(', ').length)).toEqual([100, 30]);
    expect(saved.map(({ account }) => account.delivered)).toEqual([100, 130]);
  });

  test('hides what went back for as long as the worker works', async () => {
    const { recorder, hidden, clock } = open();
    await clock.sleep(20_000);
    await recordAll(recorder, [entry('a', 'returned')]);
    await recorder.close(EMPTY);
    expect(hidden.at(-1)).toBeCloseTo(WORK_MS - 20_000, -2);
    await clock.sleep(2 * WORK_MS);
    await recordAll(recorder, [entry('b', 'returned')]);
    await recorder.close(EMPTY);
    expect(hidden.at(-1)).toBe(0);
  });

  test('counts by disposition and by reason', async () => {
    const { recorder } = open();
    await recordAll(recorder, [
      entry('a', 'delivered'),
      entry('b', 'duplicate', { settle: null, reason: 'done-before' }),
      entry('c', 'duplicate', { settle: null, reason: 'done-before' }),
      entry('d', 'quarantined', { reason: 'refused' }),
      entry('e', 'returned', { settle: null, reason: 'filtered' }),
    ]);
    recorder.sending();
    expect(await recorder.close(EMPTY)).toEqual({
      received: 5,
      delivered: 1,
      duplicates: 2,
      quarantined: 1,
      returned: 1,
      unknown: 0,
      attempts: 1,
      reasons: { 'done-before': 2, refused: 1, filtered: 1 },
      sources: {},
    });
  });
});

describe('a ledger that cannot be told', () => {
  test('keeps all of its batch in the queue, and what comes after: the worker that receives it counts what was recorded', async () => {
    let calls = 0;
    const { recorder, told, saved, errors } = open({
      async settle() {
        calls += 1;
        if (calls === 2) throw new Error('nobody answers');
        return [];
      },
    });
    expect(await recordAll(recorder, [entry('a', 'delivered')])).toEqual(['delivered']);
    const later = [entry('b', 'delivered'), entry('c', 'duplicate', { settle: null, reason: 'done-before' })];
    expect(await recordAll(recorder, later)).toEqual(['returned', 'duplicate']);
    expect(await recordAll(recorder, [entry('d', 'quarantined')])).toEqual(['returned']);
    await recorder.close(STOPPED);

    expect(errors).toHaveLength(1);
    expect(told.filter((line) => line.startsWith('delete'))).toEqual(['delete a', 'delete c']);
    // The ledger has "d" by batch 3. The account never says that it knows that batch.
    expect(told).toContain('ledger d quarantined 3');
    expect(saved.map(({ batch }) => batch)).toEqual([1, 1, 1, 1]);
    expect(saved.at(-1)).toMatchObject({
      account: { received: 4, delivered: 1, duplicates: 1, returned: 2, reasons: { unrecorded: 2 } },
      ending: STOPPED,
    });
  });

  test('that has another’s word makes a duplicate of a delivery', async () => {
    const { recorder } = open({ settle: async () => ['a'] });
    const entries = [entry('a', 'delivered'), entry('b', 'delivered')];
    expect(await recordAll(recorder, entries)).toEqual(['duplicate', 'delivered']);
    expect(await recorder.close(EMPTY)).toMatchObject({ delivered: 1, duplicates: 1 });
  });

  test('that has another’s word of what goes back leaves it at that', async () => {
    const { recorder } = open({ settle: async () => ['a'] });
    expect(await recordAll(recorder, [entry('a', 'returned')])).toEqual(['returned']);
  });
});

test('what the application had is recorded by no batch: nobody is to count it as delivered', async () => {
  const { recorder, told } = open();
  await recordAll(recorder, [entry('a', 'duplicate', { reason: 'application-has-it' })]);
  expect(told[0]).toBe('ledger a delivered 0');
});

describe('an account that cannot be saved', () => {
  test('keeps its batch in the queue, where it is met as one that was never counted', async () => {
    const { recorder, told, errors } = open({ save: away });
    await recordAll(recorder, [entry('a', 'delivered'), entry('b', 'returned')]);
    expect(errors).toHaveLength(1);
    await expect(recorder.close(STOPPED)).rejects.toThrow('nobody answers');
    expect(told.filter((line) => /^(delete|hide)/.test(line))).toEqual([]);
  });

  test('once, is saved whole at the end: what it counted comes back as a duplicate', async () => {
    let calls = 0;
    const { recorder, saved } = open({
      async save() {
        calls += 1;
        if (calls === 1) throw new Error('nobody answers');
      },
    });
    await recordAll(recorder, [entry('a', 'delivered')]);
    await recorder.close(STOPPED);
    expect(saved).toMatchObject([{ batch: 1, account: { delivered: 1 }, ending: STOPPED }]);
  });
});

describe('a request after one that may have taken effect', () => {
  test('waits until it is counted for good', async () => {
    const gate = Promise.withResolvers<void>();
    const { recorder, saved } = open({ save: () => gate.promise });
    let may = false;
    const counted = recorder.resending().then(() => {
      may = true;
    });
    await new Promise(setImmediate);
    expect(may).toBe(false);
    gate.resolve();
    await counted;
    expect(saved).toMatchObject([{ account: { unknown: 1 } }]);
  });

  test('is counted together with what is written at the time', async () => {
    const { recorder, saved } = open();
    await Promise.all([
      recorder.resending(),
      recordAll(recorder, [entry('a', 'delivered')]),
      recorder.resending(),
    ]);
    expect(saved).toMatchObject([{ account: { unknown: 2, delivered: 1 } }]);
  });

  test('must not be sent where it cannot be counted', async () => {
    const { recorder, errors } = open({ save: away });
    await expect(recorder.resending()).rejects.toThrow('nobody answers');
    expect(errors).toHaveLength(1);
  });
});

test('a queue that cannot be told ends the worker, whose messages come back as duplicates', async () => {
  const { recorder, errors } = open({ delete: away });
  expect(await recordAll(recorder, [entry('a', 'delivered')])).toEqual(['delivered']);
  await recorder.close(STOPPED);
  expect(errors).toHaveLength(1);
});
