import { HEARTBEAT } from '../shared/lambda/heartbeat-metric.ts';
import type { Plan } from '../shared/plan/schema.ts';
import type { Replay } from '../shared/plan/sections/replays.ts';
import { DAY, formatDuration, MINUTE } from '../shared/plan/values/duration.ts';
import { alarmNameOf } from '../shared/recovery/alarm-name.ts';
import { type Kind, machineIdOf } from '../shared/run/kind.ts';
import { KINDS } from '../shared/run/kinds.ts';
import { logicalId, resourcesById } from './named-resources.ts';

/** Every way an execution can fail. A run that was cut off announces nothing itself. */
const METRICS = ['ExecutionsFailed', 'ExecutionsTimedOut', 'ExecutionsAborted'];

/**
 * One alarm for each machine and each failure status, for each heartbeat, for copies that restore tests leave behind and the
 * sweeper cannot drop, and for each queue whose depth starts a replay.
 *
 * @throws NotDeployable if two alarms would be one resource
 */
export function deriveAlarms(plan: Plan, kinds: readonly Kind[] = KINDS): Record<string, object> {
  return resourcesById('alarms', [
    ...kinds
      .map(machineIdOf)
      .flatMap((machine) =>
        METRICS.map(
          (metric) =>
            [`${machine}${metric.replace('Executions', '')}Alarm`, badEndAlarm(machine, metric)] as const,
        ),
      ),
    ...Object.keys(plan.databases).map(
      (name) => [`${logicalId(name)}HeartbeatAlarm`, heartbeatAlarm(plan, name)] as const,
    ),
    ...Object.keys(plan.restoreTests).map(
      (name) => [`${logicalId(name)}LeftBehindAlarm`, leftBehindAlarm(plan.workload, name)] as const,
    ),
    ...(Object.keys(plan.restoreTests).length > 0 ? [['SweepErrorsAlarm', sweepAlarm()] as const] : []),
    ...(Object.values(plan.replays).some(({ subscription }) => subscription !== undefined)
      ? [['SubscriptionErrorsAlarm', subscriptionAlarm()] as const]
      : []),
    ...Object.entries(plan.replays).flatMap(([name, { deadLetters, start }]) =>
      start ? [[`${logicalId(name)}DepthAlarm`, depthAlarm(name, deadLetters, start)] as const] : [],
    ),
  ]);
}

/**
 * Not one alarm with metric math over the three, because the local CloudFormation refuses it.
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
  // Two intervals at least, so that one late heartbeat raises no alarm. CloudWatch's periods end at a day.
  const age = Math.min(DAY, Math.max(2 * every, strictest));
  return alarm({
    AlarmDescription: `no heartbeat was written to "${name}" for ${formatDuration(age)}`,
    Namespace: HEARTBEAT.namespace,
    MetricName: HEARTBEAT.metric,
    Dimensions: [
      { Name: 'service', Value: HEARTBEAT.service },
      { Name: 'workload', Value: workload },
      { Name: 'database', Value: name },
    ],
    Period: Math.ceil(age / MINUTE) * 60,
    Threshold: 1,
    ComparisonOperator: 'LessThanThreshold',
    TreatMissingData: 'breaching',
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

/** https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html */
function sweepAlarm(): object {
  return alarm({
    AlarmDescription: 'Errors of sweep-scratch: expired copies of the data are still on the scratch server',
    Namespace: 'AWS/Lambda',
    MetricName: 'Errors',
    Dimensions: [{ Name: 'FunctionName', Value: { Ref: 'SweepScratchLambdaFunction' } }],
  });
}

/** Its schedule runs every fifteen minutes, so a subscription that cannot be repaired keeps the alarm in ALARM. */
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

/** Tells people when the sum of five minutes is above zero, where the properties do not say otherwise. */
function alarm(properties: object): object {
  return {
    Type: 'AWS::CloudWatch::Alarm',
    Properties: {
      Statistic: 'Sum',
      Period: 300,
      EvaluationPeriods: 1,
      Threshold: 0,
      ComparisonOperator: 'GreaterThanThreshold',
      TreatMissingData: 'notBreaching',
      AlarmActions: [{ Ref: 'AlarmsTopic' }],
      ...properties,
    },
  };
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
