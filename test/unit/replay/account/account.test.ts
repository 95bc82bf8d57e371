import { describe, expect, test } from 'vitest';
import {
  type Account,
  countSource,
  EMPTY_ACCOUNT,
  inWords,
  sum,
  unaccounted,
} from '../../../../shared/replay/account/account.ts';
import type { WorkerAccount } from '../../../../shared/replay/account/account-store.ts';
import { settleAccount } from '../../../../shared/replay/account/settle-account.ts';

const account = (difference: Partial<Account>): Account => ({ ...EMPTY_ACCOUNT, ...difference });
const EMPTY = { ended: 'empty', reason: 'the queue has no more' } as const;
const worker = (difference: Partial<Account>, ending: WorkerAccount['ending'] = EMPTY): WorkerAccount => ({
  owner: 'run/1/0/a',
  batch: 1,
  account: account(difference),
  savedAt: new Date('2026-11-01T00:00:00Z'),
  ending,
});

describe('an account', () => {
  test('adds up over workers, reasons by reason', () => {
    const total = sum([
      account({
        received: 3,
        delivered: 2,
        returned: 1,
        attempts: 4,
        reasons: { failed: 1 },
        sources: { orders: 2 },
      }),
      account({
        received: 2,
        duplicates: 1,
        returned: 1,
        unknown: 1,
        reasons: { failed: 1, 'done-before': 1 },
        sources: { orders: 1, payments: 1 },
      }),
    ]);
    expect(total).toEqual({
      received: 5,
      delivered: 2,
      duplicates: 1,
      quarantined: 0,
      returned: 2,
      unknown: 1,
      attempts: 4,
      reasons: { failed: 2, 'done-before': 1 },
      sources: { orders: 3, payments: 1 },
    });
    expect(unaccounted(total)).toBe(0);
  });

  test.each(['constructor', 'toString', '__proto__'])('counts a source that is called %s', (name) => {
    const once = countSource({}, name);
    expect(Object.entries(once)).toEqual([[name, 1]]);
    expect(Object.entries(countSource(once, name))).toEqual([[name, 2]]);
    const { sources = {} } = sum([account({ sources: once }), account({ sources: once })]);
    expect(Object.entries(sources)).toEqual([[name, 2]]);
  });

  test('names in words what may have taken effect twice', () => {
    expect(inWords(account({ received: 2, delivered: 2, unknown: 1 }))).toBe(
      'received 2 = delivered 2 + duplicates 0 + quarantined 0 + returned 0; sent again without knowing of an earlier effect: 1',
    );
  });
});

describe('a settled account', () => {
  test('adds up where each worker let go of what it took', () => {
    const settled = settleAccount([
      worker({ received: 2, delivered: 2 }),
      worker({ received: 1, quarantined: 1 }),
    ]);
    expect(settled).toMatchObject({ addsUp: true, workers: 2, died: 0, account: { received: 3 } });
  });

  test('counts what a dead worker held as returned', () => {
    const { account, addsUp, died } = settleAccount([worker({ received: 30, delivered: 20 }, null)]);
    expect(account).toMatchObject({
      received: 30,
      delivered: 20,
      returned: 10,
      reasons: { 'worker-died': 10 },
    });
    expect({ addsUp, died }).toEqual({ addsUp: true, died: 1 });
  });

  test('does not add up where a worker that ended lost a message', () => {
    const settled = settleAccount([worker({ received: 2, delivered: 1 })]);
    expect(settled.addsUp).toBe(false);
    expect(settled.words).toMatch(/1 messages are missing.*run\/1\/0\/a/);
  });

  test('does not add up where one worker lost what another counted twice', () => {
    expect(
      settleAccount([worker({ received: 2, delivered: 1 }), worker({ received: 1, delivered: 2 })]).addsUp,
    ).toBe(false);
  });

  test('does not add up where a dead worker counted more than it received', () => {
    expect(settleAccount([worker({ received: 1, delivered: 2 }, null)]).addsUp).toBe(false);
  });

  test('of no worker is nothing, and adds up', () => {
    expect(settleAccount([])).toMatchObject({ addsUp: true, account: EMPTY_ACCOUNT });
  });
});
