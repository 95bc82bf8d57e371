import { expect, test } from 'vitest';
import { backoffMs } from '../../../shared/clock/retry.ts';
import { DELIVERY_BACKOFF } from '../../../shared/delivery/backoff.ts';

test('the wait between requests doubles to ten seconds, at least half of it always', () => {
  expect([1, 2, 3, 4, 5, 6, 7].map((attempt) => backoffMs(DELIVERY_BACKOFF, attempt, 1))).toEqual([
    250, 500, 1_000, 2_000, 4_000, 8_000, 10_000,
  ]);
  expect(backoffMs(DELIVERY_BACKOFF, 1, 0)).toBe(125);
});
