import { describe, expect, test } from 'vitest';
import { createRateLimit } from '../../../../shared/concurrency/rate-limit.ts';
import type { Delivery } from '../../../../shared/delivery/target.ts';
import { deliver } from '../../../../shared/replay/worker/deliver.ts';
import { createFailureRatio } from '../../../../shared/replay/worker/failure-ratio.ts';
import { deadLetter } from '../dead-letter.ts';
import { virtualTimer } from '../virtual-timer.ts';

const message = deadLetter({ messageId: 'm1' });
const accepted: Delivery = { outcome: 'accepted' };
const refused: Delivery = { outcome: 'refused', reason: 'HTTP 400' };
const failed: Delivery = { outcome: 'failed', reason: 'HTTP 503', slowDown: true, retryAfter: null };
const unknown: Delivery = { outcome: 'unknown', reason: 'no answer', slowDown: true, retryAfter: null };

/** Of each request: whether it was counted before as one after another that may have taken effect. */
function countingRecorder() {
  const requests: ('first' | 'again')[] = [];
  let counted = false;
  return {
    requests,
    async resending() {
      await new Promise(setImmediate);
      counted = true;
    },
    sending() {
      requests.push(counted ? 'again' : 'first');
      counted = false;
    },
  };
}

/** Delivers to a target that answers in this order, and then as it did last. */
async function deliverTo(
  answers: readonly Delivery[],
  { before = false, endAfter = Number.POSITIVE_INFINITY } = {},
) {
  const clock = virtualTimer();
  const recorder = countingRecorder();
  const ending = new AbortController();
  if (endAfter === 0) ending.abort();
  let asked = 0;
  const outcome = await deliver(
    {
      target: {
        async deliver() {
          const answer = answers[Math.min(asked++, answers.length - 1)] ?? accepted;
          if (asked >= endAfter) ending.abort();
          return answer;
        },
        health: async () => null,
        close: async () => {},
      },
      rateLimit: createRateLimit(1_000, clock),
      ratio: createFailureRatio(1),
      clock,
      recorder,
      ending: ending.signal,
    },
    { message, key: 'k', unknown: before },
    new AbortController().signal,
  );
  return { outcome, requests: recorder.requests };
}

describe('the delivery of one message', () => {
  test('ends with the first acceptance', async () => {
    const { outcome, requests } = await deliverTo([failed, failed, accepted]);
    expect(outcome).toEqual({ as: 'accepted', attempts: 3 });
    expect(requests).toEqual(['first', 'first', 'first']);
  });

  test('ends with a refusal, which a second request would not change', async () => {
    expect((await deliverTo([failed, refused, accepted])).outcome).toEqual({
      as: 'refused',
      reason: 'HTTP 400',
      unknown: false,
      attempts: 2,
    });
    expect((await deliverTo([unknown, refused])).outcome).toMatchObject({ as: 'refused', unknown: true });
  });

  test('is given up after five requests, with what the target last said', async () => {
    expect((await deliverTo([failed])).outcome).toEqual({
      as: 'failed',
      reason: 'HTTP 503',
      unknown: false,
      attempts: 5,
    });
  });

  test('counts each request after an answer that did not come as sent again', async () => {
    const { outcome, requests } = await deliverTo([failed, unknown, failed, accepted]);
    expect(outcome).toEqual({ as: 'accepted', attempts: 4 });
    expect(requests).toEqual(['first', 'first', 'again', 'again']);
  });

  test('stays unknown where a later request failed for sure', async () => {
    expect((await deliverTo([unknown, failed])).outcome).toMatchObject({ as: 'failed', unknown: true });
  });

  test('counts the first request too where an earlier run may have reached the target', async () => {
    expect((await deliverTo([accepted], { before: true })).requests).toEqual(['again']);
  });

  test('sends nothing once the worker is ending, and tries nothing again', async () => {
    expect((await deliverTo([accepted], { endAfter: 0 })).outcome).toMatchObject({
      as: 'failed',
      attempts: 0,
    });
    expect((await deliverTo([failed], { endAfter: 1 })).outcome).toMatchObject({ as: 'failed', attempts: 1 });
  });
});

test('a pause that the target asked for ends with the worker', async () => {
  const clock = virtualTimer();
  const ending = new AbortController();
  const delivered = deliver(
    {
      target: {
        deliver: async () => ({ outcome: 'failed', reason: 'HTTP 429', slowDown: true, retryAfter: 300_000 }),
        health: async () => null,
        close: async () => {},
      },
      rateLimit: createRateLimit(1_000, clock),
      ratio: createFailureRatio(1),
      clock,
      recorder: {
        ...countingRecorder(),
        sending: () => void clock.sleep(60_000).then(() => ending.abort()),
      },
      ending: ending.signal,
    },
    { message, key: 'k', unknown: false },
    new AbortController().signal,
  );
  expect(await delivered).toEqual({ as: 'failed', reason: 'HTTP 429', unknown: false, attempts: 1 });
});
