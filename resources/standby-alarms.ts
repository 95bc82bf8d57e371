import { LOSS } from '../shared/objectives/loss-metrics.ts';
import type { Plan } from '../shared/plan/schema.ts';
import { planInStandby } from '../shared/standby/plan-in-standby.ts';
import { SECRETS } from '../shared/standby/secrets-metric.ts';
import { alarm } from './alarm.ts';
import { lossAlarms } from './loss-alarms.ts';
import { SECRETS_CHECKED_EVERY } from './schedules.ts';
import { sweepAlarms } from './silence-alarms.ts';

/** What a recovery point may be older in the standby Region, because it is replicated first. */
const REPLICATED_WITHIN_SECONDS = 900;

/**
 * The alarms of the standby Region that last. They watch what a recovery there would start from, and need nothing from the
 * primary Region: they go off when it is lost, and when replication stops without an alarm there.
 */
export function standbyAlarms(plan: Plan): [id: string, alarm: object][] {
  return [...ageAlarms(plan), ['SecretsAlarm', secretsAlarm(plan)], ...sweepAlarms(plan)];
}

/**
 * The age of the newest recovery point, measured in this Region. Its other alarms would tell people twice what the primary Region
 * tells them.
 */
function ageAlarms(plan: Plan): [string, object][] {
  return lossAlarms(planInStandby(plan)).flatMap(([id, each]): [string, object][] => {
    const { Properties, ...rest } = each as { Properties: Record<string, unknown> };
    if (Properties.MetricName !== LOSS.newest) return [];
    return [
      [
        id,
        {
          ...rest,
          Properties: {
            ...Properties,
            AlarmDescription:
              `in the standby Region: ${Properties.AlarmDescription} --region standby`.replace(
                /"(lifeboat status)" (--region \S+)$/,
                '"$1 $2"',
              ),
            Threshold: Number(Properties.Threshold) + REPLICATED_WITHIN_SECONDS,
          },
        },
      ],
    ];
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
