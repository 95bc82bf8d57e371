/** An alarm that tells people when the sum of five minutes is above zero, where the properties do not say otherwise. */
export function alarm(properties: object): object {
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
