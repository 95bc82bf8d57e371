import { describe, expect, test } from 'vitest';
import type { Delivered } from '../../../../shared/replay/worker/deliver.ts';
import { canary, sendMany } from '../../../../shared/replay/worker/sending-policy.ts';

const fresh = { failedBefore: false };
const accepted: Delivered = { as: 'accepted', attempts: 1 };
const refused: Delivered = { as: 'refused', reason: 'HTTP 400', unknown: false, attempts: 1 };
const failed: Delivered = { as: 'failed', reason: 'HTTP 500', unknown: false, attempts: 5 };

describe('a worker that sends many', () => {
  test('ends for no delivery', () => {
    const policy = sendMany({ inFlight: 10, max: null });
    for (const delivery of [accepted, refused, failed]) expect(policy.after(delivery, fresh)).toBeNull();
  });

  test('takes ten messages at a time, from the queue by as many receivers as its share needs', () => {
    expect(sendMany({ inFlight: 10, max: null })).toMatchObject({ requests: 10, receivers: 1 });
    expect(sendMany({ inFlight: 35, max: null }).receivers).toBe(4);
    expect(sendMany({ inFlight: 500, max: null }).receivers).toBe(6);
    expect(sendMany({ inFlight: 10, max: null }).room(10_000)).toBe(10);
  });

  test('takes no more than it was asked for, which one receiver can count', () => {
    const policy = sendMany({ inFlight: 100, max: 25 });
    expect(policy.receivers).toBe(1);
    expect([0, 10, 20, 25].map((taken) => policy.room(taken))).toEqual([10, 10, 5, 0]);
  });
});

describe('a canary', () => {
  test('takes one message at a time', () => {
    expect(canary(3)).toMatchObject({ requests: 1, held: 1, receivers: 1 });
    expect(canary(3).room(100)).toBe(1);
  });

  test('ends with the acceptances that it was asked for, past refusals', () => {
    const policy = canary(2);
    const ends = [refused, accepted, accepted].map((delivery) => policy.after(delivery, fresh));
    expect(ends).toEqual([null, null, { ended: 'count', reason: 'the first 2 were accepted' }]);
  });

  test.each<[string, ('accepted' | 'fresh' | 'again')[], stops: boolean]>([
    ['one message failed', ['fresh'], false],
    ['two different messages failed', ['fresh', 'fresh'], false],
    ['three different messages failed', ['fresh', 'fresh', 'fresh'], true],
    ['one was accepted in between', ['fresh', 'fresh', 'accepted', 'fresh', 'fresh'], false],
    ['three failed after one was accepted', ['accepted', 'fresh', 'fresh', 'fresh'], true],
    ['three failed that an earlier run failed too', ['again', 'again', 'again'], false],
    ['poison of an earlier run came first', ['again', 'again', 'again', 'fresh', 'fresh', 'fresh'], true],
    ['ten failed that an earlier run failed too', Array(10).fill('again'), true],
  ])('where %s (%j) it stops: %j', (_, deliveries, stops) => {
    const policy = canary(2);
    const ends = deliveries.map((each) =>
      policy.after(each === 'accepted' ? accepted : failed, { failedBefore: each === 'again' }),
    );
    expect(ends.slice(0, -1).filter((end) => end !== null)).toEqual([]);
    const reason = /^the canary failed: \d+ different messages, one after the other; the last one: HTTP 500$/;
    expect(ends.at(-1)).toEqual(stops ? { ended: 'stopped', reason: expect.stringMatching(reason) } : null);
  });

  test('knows whether the target accepts anything', () => {
    const policy = canary(3);
    policy.after(failed, fresh);
    expect(policy.acceptsOthers()).toBe(false);
    policy.after(accepted, fresh);
    expect(policy.acceptsOthers()).toBe(true);
    expect(sendMany({ inFlight: 1, max: null }).acceptsOthers()).toBe(true);
  });

  test('takes no more messages than it was asked for, though some fail', () => {
    const policy = canary(2, 2);
    expect([0, 1, 2].map((taken) => policy.room(taken))).toEqual([1, 1, 0]);
  });

  test('does not take a message that was never sent for a failure', () => {
    expect(canary(2).after({ ...failed, attempts: 0 }, fresh)).toBeNull();
  });

  test('stops where the target refuses as many as it was to accept', () => {
    const policy = canary(2);
    expect(policy.after(refused, fresh)).toBeNull();
    expect(policy.after(refused, fresh)).toEqual({
      ended: 'stopped',
      reason: 'the target refused 2 messages: HTTP 400',
    });
  });
});
