import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Renewals } from './keep-renewing.ts';

/** The metrics by which alarms notice what becomes of a lease (resources/lease-alarms.ts). */
export const LEASE = {
  namespace: 'Lifeboat',
  service: 'renew-lease',
  renewed: 'LeaseRenewed',
  taken: 'LeaseTaken',
  gaps: 'FenceGaps',
} as const;

/**
 * Publishes one call's renewals, as a line of the function's log.
 *
 * @param gaps what the fence lacks; null if it could not be read. Then there is no value, and LeaseRenewed raises the alarm
 */
export function publishRenewals(
  { workload, database }: { workload: string; database: string },
  { renewed, ended }: Renewals,
  gaps: readonly string[] | null,
): void {
  const metrics = new Metrics({ namespace: LEASE.namespace, serviceName: LEASE.service });
  metrics.addDimension('workload', workload);
  metrics.addDimension('database', database);
  metrics.addMetric(LEASE.renewed, MetricUnit.Count, renewed);
  metrics.addMetric(LEASE.taken, MetricUnit.Count, ended?.outcome === 'taken' ? 1 : 0);
  if (gaps !== null) metrics.addMetric(LEASE.gaps, MetricUnit.Count, gaps.length);
  metrics.publishStoredMetrics();
}
