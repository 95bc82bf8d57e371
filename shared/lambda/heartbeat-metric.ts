import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';

/** The metric by which an alarm notices that a heartbeat has stopped (resources/alarms.ts). */
export const HEARTBEAT = {
  namespace: 'Lifeboat',
  service: 'write-heartbeat',
  metric: 'HeartbeatWritten',
} as const;

/**
 * Counts one heartbeat, in the embedded metric format: a line of the function's log, so that no permission and no call is
 * needed.
 */
export function countHeartbeat(workload: string, database: string): void {
  const metrics = new Metrics({ namespace: HEARTBEAT.namespace, serviceName: HEARTBEAT.service });
  metrics.addDimension('workload', workload);
  metrics.addDimension('database', database);
  metrics.addMetric(HEARTBEAT.metric, MetricUnit.Count, 1);
  metrics.publishStoredMetrics();
}
