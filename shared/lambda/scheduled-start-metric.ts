import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';

/** The metric by which an alarm notices that a schedule has stopped (resources/silence-alarms.ts). */
export const SCHEDULED_START = { namespace: 'Lifeboat', metric: 'ScheduledStart' } as const;

/**
 * Counts one start by a schedule, in the embedded metric format: a line of the function's log. Lambda counts the invocations of a
 * function, and several schedules and alarms invoke one function.
 *
 * @param service the function's name
 * @param subject what its schedule is for, as the plan names it
 */
export function countScheduledStart(service: string, workload: string, subject: string): void {
  const metrics = new Metrics({ namespace: SCHEDULED_START.namespace, serviceName: service });
  metrics.addDimension('workload', workload);
  metrics.addDimension('subject', subject);
  metrics.addMetric(SCHEDULED_START.metric, MetricUnit.Count, 1);
  metrics.publishStoredMetrics();
}
