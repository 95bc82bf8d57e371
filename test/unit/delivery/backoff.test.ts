import { expect, test } from 'vitest';
import { backoff } from '../../../shared/delivery/backoff.ts';

test('the wait between requests doubles to ten seconds, at least half of it always', () => {
  expect([1, 2, 3, 4, 5, 6, 7].map((attempt) => backoff(attempt, 1))).toEqual([
    250, 500, 1_000, 2_000, 4_000, 8_000, 10_000,
  ]);
  expect(backoff(1, 0)).toBe(125);
});
