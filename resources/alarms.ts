import type { Plan } from '../shared/plan/schema.ts';
import type { Replay } from '../shared/plan/sections/replays.ts';
import { formatDuration, MINUTE } from '../shared/plan/values/duration.ts';
import { alarmNameOf } from '../shared/recovery/alarm-name.ts';
import { type Kind, machineIdOf } from '../shared/run/kind.ts';
import { KINDS } from '../shared/run/kinds.ts';
import { logicalId, resourcesById } from './named-resources.ts';

/** Every way an execution can fail. A run that was cut off announces nothing itself. */
const METRICS = ['ExecutionsFailed', 'ExecutionsTimedOut', 'ExecutionsAborted'];

/**
 * One alarm for each machine and each failure status, and one for each queue whose depth starts a replay.
 *
 * @throws NotDeployable if two alarms would be one resource
 */
export function deriveAlarms({ replays }: Plan, kinds: readonly Kind[] = KINDS): Record<string, object> {
  return resourcesById('alarms', [
    ...kinds
      .map(machineIdOf)
      .flatMap((machine) =>
        METRICS.map(
          (metric) =>
            [`${machine}${metric.replace('Executions', '')}Alarm`, badEndAlarm(machine, metric)] as const,
        ),
      ),
    ...Object.entries(replays).flatMap(([name, { deadLetters, start }]) =>
      start ? [[`${logicalId(name)}DepthAlarm`, depthAlarm(name, deadLetters, start)] as const] : [],
    ),
  ]);
}

/**
 * Not one alarm with metric math over the three, because the local CloudFormation refuses it.
 * https://docs.aws.amazon.com/step-functions/latest/dg/procedure-cw-metrics.html
 */
function badEndAlarm(machine: string, metric: string): object {
  return {
    Type: 'AWS::CloudWatch::Alarm',
    Properties: {
      AlarmDescription: `${metric} of ${machine}: look at its executions and at "lifeboat status"`,
      Namespace: 'AWS/States',
      MetricName: metric,
      Dimensions: [{ Name: 'StateMachineArn', Value: { Ref: machine } }],
      Statistic: 'Sum',
      Period: 300,
      EvaluationPeriods: 1,
      Threshold: 0,
      ComparisonOperator: 'GreaterThanThreshold',
      TreatMissingData: 'notBreaching',
      AlarmActions: [{ Ref: 'AlarmsTopic' }],
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
