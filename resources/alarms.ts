/** The machines of the template, by the names of their resources. */
const MACHINES = ['BackupMachine', 'RestoreTestMachine'];

/** Every way in which an execution does not succeed. A run that was cut off announces nothing itself. */
const METRICS = ['ExecutionsFailed', 'ExecutionsTimedOut', 'ExecutionsAborted'];

/**
 * An alarm for each machine and each bad end. Not one with metric math over the three, which the local CloudFormation
 * refuses.
 * https://docs.aws.amazon.com/step-functions/latest/dg/procedure-cw-metrics.html
 */
export function deriveAlarms(): Record<string, object> {
  return Object.fromEntries(
    MACHINES.flatMap((machine) =>
      METRICS.map((metric) => [
        `${machine}${metric.replace('Executions', '')}Alarm`,
        {
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
            AlarmActions: [{ Ref: 'AlertsTopic' }],
          },
        },
      ]),
    ),
  );
}
