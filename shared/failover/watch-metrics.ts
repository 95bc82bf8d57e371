import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Assessment } from './assess.ts';

/** The metrics by which alarms of the standby Region notice what is seen of the primary (resources/failover-alarms.ts). */
export const WATCH = {
  namespace: 'Lifeboat',
  service: 'watch-primary',
  failing: 'SignalFailing',
  unknown: 'UnknownSignals',
  lost: 'PrimaryLost',
} as const;

/**
 * Publishes what was seen, in the embedded metric format. An unknown signal has no value: it is neither failing nor healthy, and only
 * the watcher's own alarm goes off.
 */
export function publishAssessment(workload: string, { primary, signals }: Assessment): void {
  const unknown = signals.filter(({ seen }) => seen === 'unknown').length;
  publish(workload, null, { [WATCH.unknown]: unknown, [WATCH.lost]: primary === 'lost' ? 1 : 0 });
  for (const { name, seen } of signals)
    if (seen !== 'unknown') publish(workload, name, { [WATCH.failing]: seen === 'failing' ? 1 : 0 });
}

function publish(workload: string, signal: string | null, values: Readonly<Record<string, number>>): void {
  const metrics = new Metrics({ namespace: WATCH.namespace, serviceName: WATCH.service });
  metrics.addDimension('workload', workload);
  if (signal !== null) metrics.addDimension('signal', signal);
  for (const [name, value] of Object.entries(values)) metrics.addMetric(name, MetricUnit.Count, value);
  metrics.publishStoredMetrics();
}
