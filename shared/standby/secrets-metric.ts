import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';

/** The metric by which an alarm notices that a recovery in the standby Region would miss a secret. */
export const SECRETS = {
  namespace: 'Lifeboat',
  service: 'check-secrets',
  unreadable: 'UnreadableSecrets',
} as const;

/** Publishes how many secrets of the plan cannot be read here, as a line of the function's log. */
export function publishUnreadable(workload: string, secrets: number): void {
  const metrics = new Metrics({ namespace: SECRETS.namespace, serviceName: SECRETS.service });
  metrics.addDimension('workload', workload);
  metrics.addMetric(SECRETS.unreadable, MetricUnit.Count, secrets);
  metrics.publishStoredMetrics();
}
