import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { ReplicaLag } from './replica.ts';

/** The metric by which an alarm notices that a promotion would lose too much (resources/replica-alarms.ts). */
export const REPLICA = {
  namespace: 'Lifeboat',
  service: 'measure-replica',
  lag: 'ReplicaLag',
} as const;

/**
 * Publishes what a promotion would lose, as a line of the function's log. A replica that could not be asked has no value, and the alarm
 * treats missing data as breaching.
 */
export function publishReplica(workload: string, { database, replica, lossSeconds }: ReplicaLag): void {
  if (lossSeconds === null) return;
  const metrics = new Metrics({ namespace: REPLICA.namespace, serviceName: REPLICA.service });
  metrics.addDimension('workload', workload);
  metrics.addDimension('database', database);
  metrics.addDimension('replica', replica);
  metrics.addMetric(REPLICA.lag, MetricUnit.Seconds, lossSeconds);
  metrics.publishStoredMetrics();
}
