import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { AnyEvidence } from './evidence.ts';
import type { Kind } from './kind.ts';
import { KINDS } from './kinds.ts';
import { succeeded } from './outcome-lookup.ts';

/**
 * Writes the run's figures as CloudWatch metrics in the embedded metric format: a line of the function's log, so that no
 * permission and no call is needed.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function publishMetrics(evidence: AnyEvidence, kinds: readonly Kind[] = KINDS): void {
  const good = succeeded(evidence, kinds);
  const metrics = new Metrics({ namespace: 'Lifeboat', serviceName: evidence.machine });
  metrics.addDimension('workload', evidence.workload);
  metrics.addDimension('subject', evidence.subject);
  metrics.addMetric('Succeeded', MetricUnit.Count, good ? 1 : 0);
  metrics.addMetric('Failed', MetricUnit.Count, good ? 0 : 1);
  metrics.addMetric('LeftBehind', MetricUnit.Count, evidence.leftBehind ? 1 : 0);
  for (const phase of evidence.phases)
    metrics.addMetric(`${phase.name}Seconds`, MetricUnit.Seconds, phase.seconds);
  const { rpo, rto } = evidence.objectives ?? {};
  if (typeof rpo?.seconds === 'number')
    metrics.addMetric('RecoveryPointSeconds', MetricUnit.Seconds, rpo.seconds);
  if (typeof rto?.seconds === 'number')
    metrics.addMetric('RecoveryTimeSeconds', MetricUnit.Seconds, rto.seconds);
  const { account } = evidence;
  if (account) {
    metrics.addMetric('Delivered', MetricUnit.Count, account.delivered);
    metrics.addMetric('Quarantined', MetricUnit.Count, account.quarantined);
    metrics.addMetric('Returned', MetricUnit.Count, account.returned);
  }
  metrics.publishStoredMetrics();
}
