import { LOSS } from '../shared/objectives/loss-metrics.ts';
import type { Plan } from '../shared/plan/schema.ts';
import { SECRETS } from '../shared/standby/secrets-metric.ts';
import { alarm } from './alarm.ts';
import { failoverAlarms } from './failover-alarms.ts';
import { lossAlarms } from './loss-alarms.ts';
import { replicaAlarms } from './replica-alarms.ts';
import { SECRETS_CHECKED_EVERY } from './schedules.ts';
import { sweepAlarms } from './silence-alarms.ts';

/** What a recovery point may be older in the standby Region, because it is replicated first. */
const REPLICATED_WITHIN_SECONDS = 900;

/**
 * The alarms of the standby Region that last. They watch what a recovery there would start from, and need nothing from the
 * primary Region: they go off when it is lost, and when replication stops without an alarm there.
 */
export function standbyAlarms(plan: Plan): [id: string, alarm: object][] {
  return [
    ...ageAlarms(plan),
    ...replicaAlarms(plan),
    ['SecretsAlarm', secretsAlarm(plan)],
    ...sweepAlarms(plan),
    ...failoverAlarms(plan),
  ];
}

/**
 * The age of the newest recovery point, measured in this Region. Its other alarms would tell people twice what the primary Region
 * tells them.
 */
function ageAlarms(plan: Plan): [string, object][] {
  return [
    ...fromStandby(lossAlarms(inVault(plan)), LOSS.newest, REPLICATED_WITHIN_SECONDS),
    // What RDS copies has a limit of its own. Here a copy is the recovery point.
    ...fromStandby(lossAlarms(plan), LOSS.copy, 0),
  ];
}

/** The plan with the backups whose recovery points lie in the vault. */
function inVault(plan: Plan): Plan {
  const databases = Object.entries(plan.databases).map(([name, database]) => {
    const backups = Object.entries(database.backups).filter(([, backup]) => 'logical' in backup);
    return [name, { ...database, backups: Object.fromEntries(backups) }] as const;
  });
  return { ...plan, databases: Object.fromEntries(databases) };
}

/** The alarms on one measure, on what measure-rpo of the standby Region publishes. */
function fromStandby(
  alarms: readonly [string, object][],
  measure: string,
  laterSeconds: number,
): [string, object][] {
  return alarms.flatMap(([id, each]): [string, object][] => {
    const { Properties, ...rest } = each as { Properties: Record<string, unknown> };
    if (Properties.MetricName !== measure) return [];
    const description = String(Properties.AlarmDescription).replace(
      '"lifeboat status"',
      '"lifeboat status --region standby"',
    );
    const changed = {
      MetricName: LOSS.newest,
      AlarmDescription: `in the standby Region: ${description}`,
      Threshold: Number(Properties.Threshold) + laterSeconds,
    };
    return [[id, { ...rest, Properties: { ...Properties, ...changed } }]];
  });
}

/** No measurement is an alarm as well: nothing looks. */
function secretsAlarm({ workload, regions }: Plan): object {
  return alarm({
    AlarmDescription: `a recovery in ${regions.standby} could not read a secret of the plan, or nothing looked: see the log of check-secrets`,
    Namespace: SECRETS.namespace,
    MetricName: SECRETS.unreadable,
    Dimensions: [
      { Name: 'service', Value: SECRETS.service },
      { Name: 'workload', Value: workload },
    ],
    Statistic: 'Maximum',
    Period: SECRETS_CHECKED_EVERY / 1000,
    EvaluationPeriods: 2,
    DatapointsToAlarm: 2,
    TreatMissingData: 'breaching',
  });
}
