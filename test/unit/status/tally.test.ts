import { describe, expect, it } from 'vitest';
import { measured, reportInWords } from '../../../cli/render/report.ts';
import { type Account, EMPTY_ACCOUNT } from '../../../shared/replay/account/account.ts';
import type { WorkerAccount } from '../../../shared/replay/account/account-store.ts';
import { expectedOf } from '../../../shared/status/expected-messages.ts';
import { tallyOf, timeLeft } from '../../../shared/status/tally.ts';

const worker = (owner: string, account: Partial<Account>, ending: WorkerAccount['ending'] = null) => ({
  owner,
  batch: 1,
  account: { ...EMPTY_ACCOUNT, ...account },
  savedAt: new Date('2026-11-22T04:00:00Z'),
  ending,
});
const two = tallyOf(
  [
    worker('run/1/0/a', { received: 700, delivered: 600, duplicates: 90, returned: 10 }),
    worker(
      'run/1/1/b',
      { received: 520, delivered: 480, quarantined: 20 },
      { ended: 'empty', reason: 'the queue has no more' },
    ),
  ],
  2_000,
);

describe('how far a replay has come', () => {
  it('is what all its workers have saved, and nothing before the first has', () => {
    expect(tallyOf([], 2_000)).toBeNull();
    expect(two?.account).toMatchObject({ received: 1_220, delivered: 1_080, duplicates: 90 });
  });

  it('is told in messages of those that are expected, with rate, time left, and what became of them', () => {
    expect(two && reportInWords(two, 300.4)).toBe(
      '1,200 of 2,000 messages at 300/s, 3s left: 1,080 delivered, 90 duplicates, 20 quarantined, 10 returned',
    );
  });

  it('promises no time where there is no rate, nothing expected, or more than was expected', () => {
    const all = two && { ...two, expected: 1_100 };
    expect(two && timeLeft(two, null)).toBeNull();
    expect(two && timeLeft({ ...two, expected: null }, 300)).toBeNull();
    expect(all && timeLeft(all, 300)).toBeNull();
    expect(all && reportInWords(all, 300)).toMatch(/^1,200 of 1,200 messages at 300\/s: /);
    expect(two && reportInWords({ ...two, expected: null }, null)).toMatch(/^1,200 messages: /);
  });

  it('has a rate of messages that are dealt with, not of those in hand', () => {
    expect(two && measured(two)).toEqual({ of: 'messages', done: 1_200 });
  });
});

describe('the messages that a replay expects', () => {
  const shares = [
    { rate: 100, inFlight: 25 },
    { rate: 100, inFlight: 25 },
  ];
  const inspected = (payload: object) => JSON.stringify({ StatusCode: 200, Payload: payload });

  it('are those that the inspection saw', () => {
    expect(expectedOf(inspected({ visible: 2_000, shares, words: 'and more' }))).toBe(2_000);
  });

  it('are no more than were asked for', () => {
    const asked = shares.map((share) => ({ ...share, max: 50 }));
    expect(expectedOf(inspected({ visible: 2_000, shares: asked }))).toBe(100);
    expect(expectedOf(inspected({ visible: 20, shares: asked }))).toBe(20);
  });

  it('are unknown where the history does not say', () => {
    expect(expectedOf(undefined)).toBeNull();
    expect(expectedOf(inspected({ other: true }))).toBeNull();
  });
});
