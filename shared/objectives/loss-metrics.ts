import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { LossNow } from './loss-now.ts';

/** The metrics by which alarms notice that too much would be lost (resources/loss-alarms.ts). */
export const LOSS = {
  namespace: 'Lifeboat',
  service: 'measure-rpo',
  newest: 'RecoveryPointAge',
  verified: 'VerifiedRecoveryPointAge',
  copy: 'StandbyRecoveryPointAge',
  duration: 'UnusualDuration',
  size: 'UnusualSize',
} as const;

/**
 * Publishes the ages of a backup's recovery points, and whether the newest one was unusual, in the embedded metric format: a
 * line of the function's log. A missing recovery point has no age, and the alarm treats missing data as breaching.
 */
export function publishLoss(
  workload: string,
  { database, backup, newest, newestVerified, copy, unusual }: LossNow,
): void {
  const metrics = new Metrics({ namespace: LOSS.namespace, serviceName: LOSS.service });
  metrics.addDimension('workload', workload);
  metrics.addDimension('database', database);
  metrics.addDimension('backup', backup);
  if (newest) metrics.addMetric(LOSS.newest, MetricUnit.Seconds, newest.ageSeconds);
  if (newestVerified) metrics.addMetric(LOSS.verified, MetricUnit.Seconds, newestVerified.ageSeconds);
  if (copy?.newest) metrics.addMetric(LOSS.copy, MetricUnit.Seconds, copy.newest.ageSeconds);
  metrics.addMetric(LOSS.duration, MetricUnit.Count, unusual.duration === null ? 0 : 1);
  metrics.addMetric(LOSS.size, MetricUnit.Count, unusual.size === null ? 0 : 1);
  metrics.publishStoredMetrics();
}
