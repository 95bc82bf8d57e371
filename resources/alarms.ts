import { databaseTestsOf, instancePlacesOf } from '../shared/plan/lookup.ts';
import type { Plan } from '../shared/plan/schema.ts';
import type { Replay } from '../shared/plan/sections/replays.ts';
import type { StackRole } from '../shared/plan/stack-role.ts';
import { formatDuration, MINUTE } from '../shared/plan/values/duration.ts';
import { alarmNameOf } from '../shared/recovery/alarm-name.ts';
import { type Kind, machineIdOf } from '../shared/run/kind.ts';
import { KINDS } from '../shared/run/kinds.ts';
import { alarm } from './alarm.ts';
import { hasMachine } from './in-standby.ts';
import { leaseAlarms } from './lease-alarms.ts';
import { lossAlarms } from './loss-alarms.ts';
import { lostEventsAlarm } from './lost-events.ts';
import { logicalId, resourcesById } from './named-resources.ts';
import { replicationAlarms } from './replication.ts';
import { silenceAlarms } from './silence-alarms.ts';
import { standbyAlarms } from './standby-alarms.ts';

/** Every way an execution can fail. A run that was cut off announces nothing itself. */
const METRICS = ['ExecutionsFailed', 'ExecutionsTimedOut', 'ExecutionsAborted'];

/**
 * One alarm for each machine and each failure status, for what should have happened and did not, for events that nothing could
 * handle, for copies that restore tests leave behind and the sweeper cannot drop, and for each queue whose depth starts a replay.
 *
 * @throws NotDeployable if two alarms would be one resource
 */
export function deriveAlarms(
  plan: Plan,
  kinds: readonly Kind[] = KINDS,
  role: StackRole = 'alone',
): Record<string, object> {
  return resourcesById('alarms', [
    ...kinds
      .filter(({ name }) => hasMachine(role, name))
      .map(machineIdOf)
      .flatMap((machine) =>
        METRICS.map(
          (metric) =>
            [`${machine}${metric.replace('Executions', '')}Alarm`, badEndAlarm(machine, metric)] as const,
        ),
      ),
    ...lastingAlarms(plan, role),
    ...Object.keys(plan.restoreTests).map(
      (name) => [`${logicalId(name)}LeftBehindAlarm`, leftBehindAlarm(plan.workload, name)] as const,
    ),
    ...(databaseTestsOf(plan).length > 0 ? [['SweepErrorsAlarm', sweepAlarm()] as const] : []),
    ...(instancePlacesOf(plan).length > 0
      ? [['SweepInstancesErrorsAlarm', instancesSweepAlarm()] as const]
      : []),
    ...Object.entries(plan.replays).flatMap(([name, { deadLetters, start }]) =>
      start && role !== 'standby'
        ? [[`${logicalId(name)}DepthAlarm`, depthAlarm(name, deadLetters, start)] as const]
        : [],
    ),
  ]);
}

/**
 * Alarms that stay in alarm for as long as something is wrong. CloudWatch tells people once, so reminders.ts repeats these
 * each day.
 */
export function lastingAlarms(plan: Plan, role: StackRole = 'alone'): [id: string, alarm: object][] {
  if (role === 'standby') return [...standbyAlarms(plan), ['LostEventsAlarm', lostEventsAlarm()]];
  const isSubscribed = Object.values(plan.replays).some(({ subscription }) => subscription !== undefined);
  return [
    ...silenceAlarms(plan),
    ...lossAlarms(plan),
    ...replicationAlarms(plan, role),
    ...leaseAlarms(plan, role),
    ['LostEventsAlarm', lostEventsAlarm()],
    ...(isSubscribed ? [['SubscriptionErrorsAlarm', subscriptionAlarm()] as [string, object]] : []),
  ];
}

/**
 * An alarm for each way to fail, because each leads to another section of the runbook. Metric math over the three would cost as
 * much: CloudWatch charges by metric. https://aws.amazon.com/cloudwatch/pricing/
 * https://docs.aws.amazon.com/step-functions/latest/dg/procedure-cw-metrics.html
 */
function badEndAlarm(machine: string, metric: string): object {
  return alarm({
    AlarmDescription: `${metric} of ${machine}: look at its executions and at "lifeboat status"`,
    Namespace: 'AWS/States',
    MetricName: metric,
    Dimensions: [{ Name: 'StateMachineArn', Value: { Ref: machine } }],
  });
}

/** Counted by record-run (shared/run/metrics.ts). */
function leftBehindAlarm(workload: string, restoreTest: string): object {
  return alarm({
    AlarmDescription: `"${restoreTest}" left a copy of the data on the scratch server`,
    Namespace: 'Lifeboat',
    MetricName: 'LeftBehind',
    Dimensions: [
      { Name: 'service', Value: 'restore-test' },
      { Name: 'workload', Value: workload },
      { Name: 'subject', Value: restoreTest },
    ],
  });
}

/**
 * Lambda counts the errors of the function, whichever restore test it swept for: while one is in error, another one's error
 * changes nothing. The log names each.
 * https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
 */
function sweepAlarm(): object {
  return alarm({
    AlarmDescription: 'Errors of sweep-scratch: expired copies of the data are still on the scratch server',
    Namespace: 'AWS/Lambda',
    MetricName: 'Errors',
    Dimensions: [{ Name: 'FunctionName', Value: { Ref: 'SweepScratchLambdaFunction' } }],
  });
}

function instancesSweepAlarm(): object {
  return alarm({
    AlarmDescription:
      'Errors of sweep-instances: expired scratch instances are still there, with the data, and cost money',
    Namespace: 'AWS/Lambda',
    MetricName: 'Errors',
    Dimensions: [{ Name: 'FunctionName', Value: { Ref: 'SweepInstancesLambdaFunction' } }],
  });
}

/**
 * Its schedules run every fifteen minutes, so a subscription that cannot be repaired keeps the alarm in ALARM. Like the sweeper's
 * it is one for all queues.
 */
function subscriptionAlarm(): object {
  return alarm({
    AlarmDescription:
      'Errors of ensure-subscription: SNS delivers nothing to a webhook of the plan, or that cannot be found out',
    Namespace: 'AWS/Lambda',
    MetricName: 'Errors',
    Dimensions: [{ Name: 'FunctionName', Value: { Ref: 'EnsureSubscriptionLambdaFunction' } }],
    Period: 1_800,
  });
}

/**
 * Starts a replay and notifies people. A queue unused for hours has no metric, and nothing to replay.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
 */
function depthAlarm(queue: string, deadLetters: string, start: NonNullable<Replay['start']>): object {
  const depth = `${start.depth} or more messages in ${deadLetters} for ${formatDuration(start.for)}`;
  return {
    Type: 'AWS::CloudWatch::Alarm',
    Properties: {
      AlarmName: { 'Fn::Sub': alarmNameOf(`\${AWS::StackName}`, queue) },
      AlarmDescription: `${depth}: starts the replay of "${queue}"`,
      Namespace: 'AWS/SQS',
      MetricName: 'ApproximateNumberOfMessagesVisible',
      Dimensions: [{ Name: 'QueueName', Value: deadLetters }],
      Statistic: 'Minimum',
      Period: MINUTE / 1000,
      EvaluationPeriods: start.for / MINUTE,
      Threshold: start.depth,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      TreatMissingData: 'notBreaching',
      AlarmActions: [{ Ref: 'RecoveryTopic' }, { Ref: 'AlarmsTopic' }],
    },
  };
}
