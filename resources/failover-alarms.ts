import { WATCH } from '../shared/failover/watch-metrics.ts';
import type { Plan } from '../shared/plan/schema.ts';
import { formatDuration, MINUTE } from '../shared/plan/values/duration.ts';
import { alarm } from './alarm.ts';
import { logicalId } from './named-resources.ts';

/** An unknown signal is looked at again so many times before people are told. */
const UNKNOWN_LOOKS = 5;

/**
 * The alarms of the standby Region on what watch-primary sees. Where it sees nothing, its own alarm goes off, and those of the
 * signals are without data: the watcher's silence says nothing of the primary.
 */
export function failoverAlarms({ failover, workload, regions }: Plan): [id: string, alarm: object][] {
  if (!failover) return [];
  const dimensions = [
    { Name: 'service', Value: WATCH.service },
    { Name: 'workload', Value: workload },
  ];
  const ofWatcher = { Namespace: WATCH.namespace, Statistic: 'Maximum', Period: MINUTE / 1000 };
  const signals = Object.entries(failover.signals).map(([name, { failsFor }]): [string, object] => [
    `${logicalId(name)}SignalAlarm`,
    alarm({
      ...ofWatcher,
      AlarmDescription: `the signal "${name}" of ${regions.primary} fails for ${formatDuration(failsFor)}: see "lifeboat status --region standby"`,
      MetricName: WATCH.failing,
      Dimensions: [...dimensions, { Name: 'signal', Value: name }],
      Statistic: 'Minimum',
      EvaluationPeriods: failsFor / MINUTE,
      TreatMissingData: 'missing',
    }),
  ]);
  return [
    ...signals,
    [
      'PrimaryLostAlarm',
      alarm({
        ...ofWatcher,
        AlarmDescription: `${regions.primary} is lost, as seen from ${regions.standby}: see "lifeboat status --region standby"`,
        MetricName: WATCH.lost,
        Dimensions: dimensions,
        TreatMissingData: 'missing',
      }),
    ],
    [
      'WatchPrimaryAlarm',
      alarm({
        ...ofWatcher,
        AlarmDescription: `watch-primary cannot see ${regions.primary}, or does not look: see "lifeboat status --region standby" and its log`,
        MetricName: WATCH.unknown,
        Dimensions: dimensions,
        EvaluationPeriods: UNKNOWN_LOOKS,
        DatapointsToAlarm: UNKNOWN_LOOKS,
        TreatMissingData: 'breaching',
      }),
    ],
  ];
}
