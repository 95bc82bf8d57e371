import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { ReplicationLag } from './replication-lag.ts';

/** The metrics by which alarms notice that the vault is not replicated (resources/replication.ts). */
export const REPLICATION = {
  namespace: 'Lifeboat',
  service: 'measure-replication',
  lag: 'ReplicationLag',
  failed: 'FailedReplications',
} as const;

/** Publishes the worst lag of the workload's backups, and the failures of all, as a line of the function's log. */
export function publishReplication(workload: string, lags: readonly ReplicationLag[]): void {
  const metrics = new Metrics({ namespace: REPLICATION.namespace, serviceName: REPLICATION.service });
  metrics.addDimension('workload', workload);
  const seconds = Math.max(0, ...lags.map(({ waiting }) => waiting?.ageSeconds ?? 0));
  metrics.addMetric(REPLICATION.lag, MetricUnit.Seconds, seconds);
  const failed = lags.reduce((sum, { waiting }) => sum + (waiting?.failed ?? 0), 0);
  metrics.addMetric(REPLICATION.failed, MetricUnit.Count, failed);
  metrics.publishStoredMetrics();
}
