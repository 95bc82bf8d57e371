import { HEARTBEAT } from '../shared/lambda/heartbeat-metric.ts';
import { SCHEDULED_START } from '../shared/lambda/scheduled-start-metric.ts';
import { instancePlacesOf } from '../shared/plan/lookup.ts';
import type { Plan } from '../shared/plan/schema.ts';
import { DAY, formatDuration, HOUR, MINUTE } from '../shared/plan/values/duration.ts';
import { longestGap } from '../shared/plan/values/longest-gap.ts';
import { alarm } from './alarm.ts';
import { logicalId } from './named-resources.ts';
import { SUBSCRIPTION, SWEEP, sweeps } from './schedules.ts';

/**
 * Alarms on what should have happened and did not: a heartbeat, a restore test, a sweep, a replay, a look at a
 * subscription. Each schedule has its own, because several start one function. They notice a
 * schedule that was disabled or deleted, which fails nowhere. A backup that did not happen shows in the age of its newest recovery
 * point (loss-alarms.ts).
 *
 * CloudWatch looks back a week at most, so nothing watches a schedule that runs less often.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
 */
export function silenceAlarms(plan: Plan): [id: string, alarm: object][] {
  const { workload, databases, restoreTests, replays } = plan;
  return [
    ...Object.keys(databases).map((name): [string, object] => [
      `${logicalId(name)}HeartbeatAlarm`,
      heartbeatAlarm(plan, name),
    ]),
    ...Object.entries(restoreTests).flatMap(([name, { schedule }]) =>
      of(`${logicalId(name)}NoRestoreTestAlarm`, longestGap(schedule), {
        AlarmDescription: `the restore test "${name}" did not verify a backup for longer than its schedule allows`,
        ...succeeded('restore-test', workload, name),
      }),
    ),
    ...Object.entries(databases).flatMap(([name, { backups }]) =>
      of(`${logicalId(name)}NoVerifyAlarm`, shortestGap(backups), {
        AlarmDescription: `no recovery point of "${name}" was found intact for longer than its schedule allows`,
        ...succeeded('verify', workload, name),
      }),
    ),
    ...sweepAlarms(plan),
    ...Object.entries(replays).flatMap(([name, { schedule, subscription }]) => [
      ...of(`${logicalId(name)}NoScheduledReplayAlarm`, longestGap(schedule), {
        AlarmDescription: `the scheduled replay of "${name}" was not started`,
        ...started('start-replay', workload, name),
      }),
      ...(subscription === undefined
        ? []
        : of(`${logicalId(name)}NoSubscriptionCheckAlarm`, longestGap(SUBSCRIPTION), {
            AlarmDescription: `nothing looked whether SNS still delivers to the webhook of "${name}"`,
            ...started('ensure-subscription', workload, name),
          })),
    ]),
  ];
}

/** The alarms on sweeps that were not started. Each Region has scratch servers and instances of its own, which are swept there. */
export function sweepAlarms(plan: Plan): [id: string, alarm: object][] {
  const { workload } = plan;
  return [
    ...sweeps(plan).flatMap(({ name }) =>
      of(`${logicalId(name)}NoSweepAlarm`, longestGap(SWEEP), {
        AlarmDescription: `the hourly sweep of "${name}" was not started`,
        ...started('sweep-scratch', workload, name),
      }),
    ),
    ...(instancePlacesOf(plan).length === 0
      ? []
      : of('NoInstancesSweepAlarm', longestGap(SWEEP), {
          AlarmDescription: 'the hourly sweep of the scratch instances was not started',
          ...started('sweep-instances', workload, 'instances'),
        })),
  ];
}

/** An alarm on nothing for longer than a schedule's gap; none where CloudWatch does not look back that far. */
function of(id: string, gap: number | null, properties: object): [string, object][] {
  const hours = gap === null ? Number.POSITIVE_INFINITY : hoursOf(gap);
  return hours > LONGEST_HOURS ? [] : [[id, silence({ ...properties, ...within(hours) })]];
}

const LONGEST_HOURS = 7 * 24;

/** Schedules that run too seldom for an alarm to notice that one stopped, as the plan names them: `restore test weekly`. */
export function unwatchedSchedules({ databases, restoreTests, replays }: Plan): string[] {
  const isUnwatched = ({ schedule }: { readonly schedule: string }) => {
    const gap = longestGap(schedule);
    return gap !== null && hoursOf(gap) > LONGEST_HOURS;
  };
  const unwatched = (kind: string, entries: Readonly<Record<string, { readonly schedule: string }>>) =>
    Object.entries(entries)
      .filter(([, entry]) => isUnwatched(entry))
      .map(([name]) => `${kind} ${name}`);
  const verifications = Object.entries(databases).flatMap(([database, { backups }]) =>
    Object.entries(backups).flatMap(([name, backup]) =>
      'logical' in backup && backup.verify ? [[`${database}/${name}`, backup.verify] as const] : [],
    ),
  );
  return [
    ...unwatched('verify', Object.fromEntries(verifications)),
    ...unwatched('restore test', restoreTests),
    ...unwatched('replay', replays),
  ];
}

/** Between two readings of recovery points of one database; null where none is scheduled. */
function shortestGap(backups: Plan['databases'][string]['backups']): number | null {
  const gaps = Object.values(backups).flatMap((backup) => {
    const gap = 'logical' in backup && backup.verify ? longestGap(backup.verify.schedule) : null;
    return gap === null ? [] : [gap];
  });
  return gaps.length === 0 ? null : Math.min(...gaps);
}

function hoursOf(gap: number): number {
  return Math.ceil(gap / HOUR) + 1;
}

/** Periods of an hour, all of them without what is counted. One hour more than the gap is for the run itself. */
function within(hours: number) {
  return { Period: HOUR / 1000, EvaluationPeriods: hours, DatapointsToAlarm: hours };
}

/** Nothing counted is what the alarm is about. */
function silence(properties: object): object {
  return alarm({
    ...properties,
    Threshold: 1,
    ComparisonOperator: 'LessThanThreshold',
    TreatMissingData: 'breaching',
  });
}

/** Counted by record-run (shared/run/metrics.ts). */
function succeeded(service: string, workload: string, subject: string) {
  return {
    Namespace: 'Lifeboat',
    MetricName: 'Succeeded',
    Dimensions: [
      { Name: 'service', Value: service },
      { Name: 'workload', Value: workload },
      { Name: 'subject', Value: subject },
    ],
  };
}

/** Counted by the function that the schedule starts. */
function started(service: string, workload: string, subject: string) {
  return {
    Namespace: SCHEDULED_START.namespace,
    MetricName: SCHEDULED_START.metric,
    Dimensions: [
      { Name: 'service', Value: service },
      { Name: 'workload', Value: workload },
      { Name: 'subject', Value: subject },
    ],
  };
}

/**
 * A restore test measures loss by the heartbeat, so one that stops makes its next verdicts "not proven". It counts as stopped
 * once it is older than the strictest restore test of that database allows.
 */
function heartbeatAlarm({ workload, databases, restoreTests }: Plan, name: string): object {
  const every = databases[name]?.heartbeat.every ?? MINUTE;
  const limits = Object.values(restoreTests).flatMap(({ from, freshness }) =>
    from.database === name ? [freshness] : [],
  );
  const strictest = limits.length > 0 ? Math.min(...limits) : 3 * every;
  // Two intervals at least, so that one late heartbeat raises no alarm. In periods of a minute CloudWatch looks back a day at most.
  // One long period would be late: CloudWatch's periods do not begin with the last heartbeat.
  const age = Math.min(DAY, Math.max(2 * every, strictest));
  const minutes = Math.ceil(age / MINUTE);
  return silence({
    AlarmDescription: `no heartbeat was written to "${name}" for ${formatDuration(age)}`,
    Namespace: HEARTBEAT.namespace,
    MetricName: HEARTBEAT.metric,
    Dimensions: [
      { Name: 'service', Value: HEARTBEAT.service },
      { Name: 'workload', Value: workload },
      { Name: 'database', Value: name },
    ],
    Period: MINUTE / 1000,
    EvaluationPeriods: minutes,
    DatapointsToAlarm: minutes,
  });
}
