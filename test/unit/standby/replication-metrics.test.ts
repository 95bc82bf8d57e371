import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { replicationAlarms } from '../../../resources/replication.ts';
import type { ReplicationLag } from '../../../shared/standby/replication-lag.ts';
import { publishReplication } from '../../../shared/standby/replication-metrics.ts';
import { planOf } from '../resources/plan-fixture.ts';

const HOUR = 3600;
const plan = planOf();

beforeEach(() => {
  // Powertools writes to the global console in development only, and publishes there only when told to.
  vi.stubEnv('POWERTOOLS_DEV', 'true');
  vi.stubEnv('POWERTOOLS_METRICS_DISABLED', 'false');
});
afterEach(() => vi.unstubAllEnvs());

/** A backup whose oldest waiting recovery point has this age; 0: none waits. */
const backup = (waitingSeconds: number, failed = 0): ReplicationLag => ({
  database: 'main',
  backup: 'full',
  replicated: null,
  waiting:
    waitingSeconds === 0
      ? null
      : { id: 'waiting', ageSeconds: waitingSeconds, pending: 1, failed, notAskedFor: 0 },
});

/** The metrics as CloudWatch reads them from the function's log. */
function published(lags: readonly ReplicationLag[]): Record<string, unknown> {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  publishReplication(plan.workload, lags);
  const [line] = log.mock.calls[0] ?? [];
  log.mockRestore();
  return JSON.parse(String(line));
}

/** Whether an alarm of the deployed template goes off by the metrics, by its own metric, dimensions and threshold. */
function goesOff(id: string, metrics: Record<string, unknown>): boolean {
  const found = replicationAlarms(plan, 'primary').find(([name]) => name === id)?.[1];
  // biome-ignore lint/suspicious/noExplicitAny: a template
  const { Properties } = found as any;
  for (const { Name, Value } of Properties.Dimensions) expect(metrics[Name]).toBe(Value);
  expect(Properties.ComparisonOperator).toBe('GreaterThanThreshold');
  return Number(metrics[Properties.MetricName]) > Properties.Threshold;
}

describe('an alarm on the replication', () => {
  test('goes off for what waits an hour: replication stopped, or it is late', () => {
    expect(goesOff('ReplicationLateAlarm', published([backup(0)]))).toBe(false);
    expect(goesOff('ReplicationLateAlarm', published([backup(HOUR - 60)]))).toBe(false);
    expect(goesOff('ReplicationLateAlarm', published([backup(HOUR + 60)]))).toBe(true);
  });

  test('goes off by the worst of several backups', () => {
    expect(goesOff('ReplicationLateAlarm', published([backup(0), backup(2 * HOUR), backup(60)]))).toBe(true);
  });

  test('goes off at once for what S3 gave up: replication is denied', () => {
    expect(goesOff('ReplicationFailedAlarm', published([backup(60)]))).toBe(false);
    expect(goesOff('ReplicationFailedAlarm', published([backup(0), backup(60, 1)]))).toBe(true);
  });

  test('has something to read where no backup lies in the vault', () => {
    expect(published([])).toMatchObject({ ReplicationLag: 0, FailedReplications: 0 });
  });
});
