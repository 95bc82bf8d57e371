import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Renewals } from '../../../shared/lease/keep-renewing.ts';
import { publishRenewals } from '../../../shared/lease/lease-metrics.ts';

beforeEach(() => {
  // Powertools writes to the global console in development only, and publishes there only when told to.
  vi.stubEnv('POWERTOOLS_DEV', 'true');
  vi.stubEnv('POWERTOOLS_METRICS_DISABLED', 'false');
});
afterEach(() => vi.unstubAllEnvs());

const of = { workload: 'shop', database: 'main' };
const renewals: Renewals = { renewed: 0, failed: 6, ended: null, lastError: new Error('no connection') };

function published(gaps: readonly string[] | null): Record<string, unknown> {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  try {
    publishRenewals(of, renewals, gaps);
    return JSON.parse(String(log.mock.calls[0]?.[0]));
  } finally {
    log.mockRestore();
  }
}

test('a fence that could not be read is not published as complete', () => {
  expect(published(null)).toMatchObject({ ...of, LeaseRenewed: 0 });
  expect(published(null)).not.toHaveProperty('FenceGaps');
});

test('what a fence lacks is counted, and that it lacks nothing is said', () => {
  expect(published(['orders lacks the trigger lifeboat_lease'])).toMatchObject({ FenceGaps: 1 });
  expect(published([])).toMatchObject({ FenceGaps: 0 });
});
