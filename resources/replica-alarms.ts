import type { Plan } from '../shared/plan/schema.ts';
import { formatDuration, HOUR, MINUTE } from '../shared/plan/values/duration.ts';
import { replicasOf } from '../shared/replica/measure-replica.ts';
import { REPLICA } from '../shared/replica/replica-metric.ts';
import { alarm } from './alarm.ts';
import { logicalId } from './named-resources.ts';

/** More often than the other measures: an RPO of minutes has passed before a look every five minutes shows three times that it is missed. */
export const REPLICA_MEASURED_EVERY = MINUTE;

/** Three looks in a row, so that one that failed raises no alarm. */
const LOOKS = 3;

/**
 * An alarm for each read replica: its promotion would lose more than the plan allows, or nobody could measure it. Where any loss is
 * accepted, a replica an hour behind is broken all the same.
 */
export function replicaAlarms(plan: Plan): [id: string, alarm: object][] {
  const { workload, databases, objectives } = plan;
  return replicasOf(plan).map(({ database, replica }) => {
    // On an idle source a login without pg_monitor sees nothing newer than the newest heartbeat.
    const measurable = (databases[database]?.heartbeat.every ?? 0) + MINUTE;
    const limit = Math.max(objectives.rpo ?? HOUR, measurable);
    const of = { service: REPLICA.service, workload, database, replica };
    return [
      `${logicalId(database)}ReplicaLagAlarm`,
      alarm({
        AlarmDescription:
          `a promotion of read replica "${replica}" would lose more than ${formatDuration(limit)} of "${database}", ` +
          'or its lag could not be measured: see "lifeboat status --region standby"',
        Namespace: REPLICA.namespace,
        MetricName: REPLICA.lag,
        Dimensions: Object.entries(of).map(([Name, Value]) => ({ Name, Value })),
        Statistic: 'Maximum',
        Period: REPLICA_MEASURED_EVERY / 1000,
        EvaluationPeriods: LOOKS,
        DatapointsToAlarm: LOOKS,
        Threshold: limit / 1000,
        TreatMissingData: 'breaching',
      }),
    ];
  });
}
