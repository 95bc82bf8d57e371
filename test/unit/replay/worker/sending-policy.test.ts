import { describe, expect, test } from 'vitest';
import type { Delivered } from '../../../../shared/replay/worker/deliver.ts';
import { canary, sendMany } from '../../../../shared/replay/worker/sending-policy.ts';

const accepted: Delivered = { as: 'accepted', attempts: 1 };
const refused: Delivered = { as: 'refused', reason: 'HTTP 400', unknown: false, attempts: 1 };
const failed: Delivered = { as: 'failed', reason: 'HTTP 500', unknown: false, attempts: 5 };

describe('a worker that sends many', () => {
  test('ends for no delivery', () => {
    const policy = sendMany({ inFlight: 10, max: null });
    for (const delivery of [accepted, refused, failed]) expect(policy.after(delivery)).toBeNull();
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
    const ends = [refused, accepted, accepted].map((delivery) => policy.after(delivery));
    expect(ends).toEqual([null, null, { ended: 'count', reason: 'the first 2 were accepted' }]);
  });

  test('stops with the first failure', () => {
    expect(canary(2).after(failed)).toEqual({ ended: 'stopped', reason: 'the canary failed: HTTP 500' });
  });

  test('does not take a message that was never sent for a failure', () => {
    expect(canary(2).after({ ...failed, attempts: 0 })).toBeNull();
  });

  test('stops where the target refuses as many as it was to accept', () => {
    const policy = canary(2);
    expect(policy.after(refused)).toBeNull();
    expect(policy.after(refused)).toEqual({
      ended: 'stopped',
      reason: 'the target refused 2 messages: HTTP 400',
    });
  });
});
