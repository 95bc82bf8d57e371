import { describe, expect, test } from 'vitest';
import type { Ledger } from '../../../../shared/ledger/ledger.ts';
import type { DeadLetter, Receipt } from '../../../../shared/replay/message/dead-letter.ts';
import type { DeadLetterQueue } from '../../../../shared/replay/queue/dead-letter-queue.ts';
import { createLeaseKeeper } from '../../../../shared/replay/worker/lease-keeper.ts';
import { deadLetter } from '../dead-letter.ts';
import { virtualTimer } from '../virtual-timer.ts';

const LEASE_MS = 30_000;

/** Keeps leases for some minutes, and records how much time each message had left when it was renewed. */
function open(ports: { hide?: () => Promise<void> } = {}) {
  const clock = virtualTimer();
  const now = () => clock.now().getTime();
  const hidden = new Map<Receipt, { until: number; shortest: number }>();
  const leases = new Map<string, number>();
  const batches: number[] = [];
  const errors: unknown[] = [];
  const queue: Pick<DeadLetterQueue, 'hide'> = {
    async hide(messages, milliseconds) {
      await ports.hide?.();
      for (const one of messages) {
        const before = hidden.get(one);
        const left = before ? before.until - now() : 0;
        hidden.set(one, {
          until: now() + milliseconds,
          shortest: Math.min(left, before?.shortest ?? Number.POSITIVE_INFINITY),
        });
      }
      return [];
    },
  };
  const ledger: Pick<Ledger, 'extend'> = {
    async extend(keys, until) {
      batches.push(keys.length);
      for (const key of keys) leases.set(key, until.getTime());
      return keys.map(() => true);
    },
  };
  const leaseKeeper = createLeaseKeeper(
    { queue: queue as DeadLetterQueue, ledger: ledger as Ledger, clock },
    LEASE_MS,
    (error) => errors.push(error),
  );
  const over = new AbortController();
  const renewing = leaseKeeper.renew(over.signal);
  return {
    leaseKeeper,
    clock,
    hidden,
    leases,
    batches,
    errors,
    /** Receives a message, as SQS hides it from then on. */
    receive(one: DeadLetter) {
      hidden.set(one, { until: now() + LEASE_MS, shortest: Number.POSITIVE_INFINITY });
      leaseKeeper.add(one);
    },
    async end() {
      over.abort();
      await renewing;
    },
  };
}

describe('a message that is worked on', () => {
  test.each([0, 4_999, 9_999, 14_999])(
    'is hidden and claimed without a break, though it was claimed %i ms after it was received',
    async (waited) => {
      const { leaseKeeper, clock, hidden, leases, receive, end } = open();
      await clock.sleep(1);
      const one = deadLetter();
      receive(one);
      await clock.sleep(waited);
      leaseKeeper.claimed(one, 'k');
      await clock.sleep(10 * LEASE_MS);
      expect(hidden.get(one)?.shortest).toBeGreaterThanOrEqual(LEASE_MS / 3);
      expect(leases.get('k')).toBeGreaterThan(clock.now().getTime());
      await end();
    },
  );

  test('is let alone once it is let go of', async () => {
    const { leaseKeeper, clock, hidden, leases, receive, end } = open();
    const one = deadLetter();
    receive(one);
    leaseKeeper.claimed(one, 'k');
    leaseKeeper.release(one);
    await clock.sleep(LEASE_MS);
    expect(hidden.get(one)?.until).toBeLessThanOrEqual(clock.now().getTime());
    expect(leases.size).toBe(0);
    await end();
  });

  test('without a claim is hidden and nothing else', async () => {
    const { clock, hidden, batches, receive, end } = open();
    const one = deadLetter();
    receive(one);
    await clock.sleep(2 * LEASE_MS);
    expect(hidden.get(one)?.until).toBeGreaterThan(clock.now().getTime());
    expect(batches).toEqual([]);
    await end();
  });

  test('is one of many, whose leases are extended together', async () => {
    const { leaseKeeper, clock, batches, receive, end } = open();
    for (let number = 0; number < 60; number++) {
      const one = deadLetter({ messageId: `m${number}` });
      receive(one);
      leaseKeeper.claimed(one, `k${number}`);
    }
    await clock.sleep(LEASE_MS / 2 + 1);
    expect(batches).toEqual([60]);
    await end();
  });

  test('that cannot be hidden any longer ends the worker', async () => {
    const { clock, errors, receive, end } = open({
      hide: async () => {
        throw new Error('nobody answers');
      },
    });
    receive(deadLetter());
    await clock.sleep(LEASE_MS);
    expect(errors).toMatchObject([{ message: 'nobody answers' }]);
    await end();
  });
});
