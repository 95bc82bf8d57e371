import { expect, test } from 'vitest';
import { shareOfConnections } from '../../../../shared/replay/worker/share-of-connections.ts';

test.each([
  [20, 1, 4],
  [20, 2, 4],
  [20, 10, 2],
  [20, 20, 1],
  [7, 3, 2],
  [100, 40, 2],
])('%d connections for %d workers are %d for each', (allowed, workers, share) => {
  expect(shareOfConnections(allowed, workers)).toBe(share);
});

test('all workers together never open more than is allowed, as long as there are not more workers', () => {
  for (let allowed = 1; allowed <= 200; allowed += 1)
    for (let workers = 1; workers <= Math.min(40, allowed); workers += 1)
      expect(workers * shareOfConnections(allowed, workers)).toBeLessThanOrEqual(allowed);
});
