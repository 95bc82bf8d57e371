import { describe, expect, test } from 'vitest';
import { createBatcher } from '../../../../shared/concurrency/batcher.ts';
import type { Claim, ClaimRequest } from '../../../../shared/ledger/ledger.ts';
import { claim } from '../../../../shared/replay/worker/claim.ts';
import { doneBefore } from '../../../../shared/replay/worker/done-before.ts';
import { virtualTimer } from '../virtual-timer.ts';

const never = new AbortController().signal;
const REQUEST: ClaimRequest = { key: 'k', bodyHash: 'hash', messageId: 'm' };
const CLAIMED: Claim = { state: 'claimed', unknown: false, attempts: 0, failedBefore: false, failedRuns: 0 };
const BUSY: Claim = { state: 'busy', until: new Date(0) };

/** A ledger that answers in this order, and then as it did last. */
function open(answers: readonly Claim[]) {
  const clock = virtualTimer();
  const ending = new AbortController();
  let asked = 0;
  const claims = createBatcher<ClaimRequest, Claim>(
    async (requests) => requests.map(() => answers[Math.min(asked++, answers.length - 1)] ?? CLAIMED),
    { atMost: 25, gatherMs: 10, clock },
  );
  return { ports: { claims, clock, ending: ending.signal }, ending, asked: () => asked };
}

describe('a claim', () => {
  test('waits while another worker holds the key', async () => {
    const it = open([BUSY, BUSY, CLAIMED]);
    expect(await claim(it.ports, REQUEST, never)).toEqual(CLAIMED);
    expect(it.asked()).toBe(3);
  });

  test('is busy once the worker ends', async () => {
    const it = open([BUSY]);
    it.ending.abort();
    expect(await claim(it.ports, REQUEST, never)).toEqual(BUSY);
  });
});

describe('a message that is done', () => {
  const LEASE_MS = 30_000;
  const done = (difference: Partial<Extract<Claim, { state: 'done' }>> = {}) => ({
    state: 'done' as const,
    as: 'delivered' as const,
    by: { owner: 'other', number: 3 },
    sameMessage: true,
    ...difference,
  });
  /** @param saved the last batch that the other worker has saved, each time it is asked for */
  function judge(claimed: ReturnType<typeof done>, saved: readonly number[]) {
    const clock = virtualTimer();
    let asked = 0;
    const accounts = { savedBatch: async () => saved[Math.min(asked++, saved.length - 1)] ?? 0 };
    return doneBefore({ accounts, clock, owner: 'me', leaseMs: LEASE_MS }, 'k', claimed, never);
  }

  test.each([
    ['its worker has counted it', done(), [3]],
    ['its worker counts it within half a lease', done(), [2, 3]],
    ['it is another message with the same key', done({ sameMessage: false }), [2]],
    ['this worker did it', done({ by: { owner: 'me', number: 3 } }), [2]],
  ])('is a duplicate where %s', async (_, claimed, saved) => {
    expect(await judge(claimed, saved)).toEqual({
      disposition: 'duplicate',
      reason: 'done-before',
      settle: null,
    });
  });

  test('is counted now where its worker died before it counted it', async () => {
    const claimed = done({ as: 'quarantined' });
    expect(await judge(claimed, [2])).toEqual({
      disposition: 'quarantined',
      reason: null,
      settle: { key: 'k', as: 'quarantined', from: { owner: 'other', number: 3 } },
    });
  });
});
