import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { AnyEvidence } from '../../../shared/run/evidence.ts';
import { publishMetrics } from '../../../shared/run/metrics.ts';
import { evidence } from './evidence-fixture.ts';

beforeEach(() => {
  // Powertools writes to the global console in development only, and publishes there only when told to.
  vi.stubEnv('POWERTOOLS_DEV', 'true');
  vi.stubEnv('POWERTOOLS_METRICS_DISABLED', 'false');
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

/** What would stand in the function's log, from which CloudWatch takes the metrics. */
function published(of: AnyEvidence): Record<string, unknown> {
  const lines: string[] = [];
  vi.spyOn(console, 'log').mockImplementation((line) => void lines.push(String(line)));
  publishMetrics(of);
  expect(lines).toHaveLength(1);
  return JSON.parse(lines[0] ?? '');
}

test('a verified restore publishes its success, its phases and its two times', () => {
  expect(published(evidence)).toMatchObject({
    service: 'restore-test',
    workload: 'mailblast',
    subject: 'nightly',
    Succeeded: 1,
    Failed: 0,
    loadSeconds: 91.5,
    validateSeconds: 40,
    RecoveryPointSeconds: 7_230,
    RecoveryTimeSeconds: 185.25,
  });
});

test.each([
  ['backup', 'taken', 1],
  ['backup', 'failed', 0],
  ['restore-test', 'verified', 1],
  ['restore-test', 'rejected', 0],
  ['restore-test', 'not-proven', 0],
  ['replay', 'replayed', 1],
  ['replay', 'dry-run', 1],
  ['replay', 'stopped', 0],
  ['replay', 'not-proven', 0],
  ['rehydrate', 'rehydrated', 1],
  ['rehydrate', 'dry-run', 1],
  ['rehydrate', 'failed', 0],
] as const)('a %s that ended %s counts as %i success', (machine, outcome, succeeded) => {
  expect(published({ ...evidence, machine, outcome })).toMatchObject({
    Succeeded: succeeded,
    Failed: 1 - succeeded,
  });
});

test('a time that was not measured is no metric, least of all zero', () => {
  const none = { basis: 'not-measured', seconds: null, targetSeconds: 900, met: null } as const;
  const metrics = published({ ...evidence, objectives: { scenario: 'x', rpo: none, rto: none } });
  expect(metrics).not.toHaveProperty('RecoveryPointSeconds');
  expect(metrics).not.toHaveProperty('RecoveryTimeSeconds');
});

test('what a run left behind is counted, because an alarm watches it', () => {
  const copyLeft = { ...evidence, leftBehind: 'the scratch database lifeboat_scratch_1 was not dropped' };
  expect(published(copyLeft)).toMatchObject({ LeftBehind: 1 });
  vi.restoreAllMocks();
  expect(published(evidence)).toMatchObject({ LeftBehind: 0 });
});
