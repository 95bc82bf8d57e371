import { describe, expect, test } from 'vitest';
import { replay } from '../../../../shared/plan/sections/replays.ts';
import { parseDuration } from '../../../../shared/plan/values/duration.ts';
import {
  inspectionInWords,
  LedgerTooShort,
  requireLongerLedger,
} from '../../../../shared/replay/queue/readiness.ts';
import { divide } from '../../../../shared/replay/worker/divide-among-workers.ts';
import { leaseOf } from '../../../../shared/replay/worker/lease-duration.ts';

const planned = replay.parse({
  deadLetters: 'dlq',
  target: { webhook: { secret: 'hook' } },
  pace: { rate: 100, inFlight: 50, workers: 4 },
  scenario: 'webhook-failure',
});

describe('the shares of workers', () => {
  test.each([
    ['a full queue', {}, 100_000, 4, 100],
    ['few messages', {}, 120, 2, 100],
    ['no messages', {}, 0, 1, 100],
    ['a slower rate', { rate: 10 }, 100_000, 4, 10],
    ['a rate above the plan', { rate: 1_000 }, 100_000, 4, 100],
    ['a small count', { max: 30 }, 100_000, 1, 100],
  ])('of %s add up to what the plan allows', (_, options, visible, workers, rate) => {
    const shares = divide(planned, options, visible);
    expect(shares).toHaveLength(workers);
    expect(shares.reduce((total, share) => total + share.rate, 0)).toBeCloseTo(rate);
    expect(shares.reduce((total, share) => total + share.inFlight, 0)).toBe(50);
    if ('max' in options)
      expect(shares.reduce((total, share) => total + (share.max ?? 0), 0)).toBe(options.max);
    else expect(shares.every(({ max }) => max === undefined)).toBe(true);
  });

  test('give no worker nothing to do', () => {
    const shares = divide({ ...planned, pace: { ...planned.pace, inFlight: 3 } }, { max: 1_000 }, 100_000);
    expect(shares.map(({ inFlight }) => inFlight)).toEqual([1, 1, 1]);
    expect(shares.map(({ max }) => max)).toEqual([333, 333, 334]);
  });

  test('a lease outlasts a delivery', () => {
    expect(leaseOf(planned.target)).toBeGreaterThan(10_000);
  });
});

describe('a queue is ready', () => {
  const state = { visible: 1_204, inFlight: 2, delayed: 0, retention: 14 * 86_400_000, fifo: false };

  test('where the ledger remembers longer than the queue keeps', () => {
    expect(() => requireLongerLedger(planned, state)).not.toThrow();
    expect(() => requireLongerLedger({ ...planned, ledger: parseDuration('14d') }, state)).toThrow(
      LedgerTooShort,
    );
    expect(() => requireLongerLedger({ ...planned, ledger: parseDuration('1d') }, state)).toThrow(/14d.*1d/s);
  });

  test('and what was seen is said in words', () => {
    expect(
      inspectionInWords({
        state,
        read: 10,
        feeding: [],
        sources: {},
        wouldBe: { deliver: 8, duplicate: 2 },
        oldest: new Date('2026-11-22T04:00:00Z'),
      }),
    ).toBe(
      '1,204 messages in the queue and 2 hidden, 10 read: 8 deliver, 2 duplicate; the oldest from 2026-11-22T04:00:00.000Z',
    );
  });
});
