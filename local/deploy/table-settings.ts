import {
  DescribeContinuousBackupsCommand,
  DescribeTimeToLiveCommand,
  type DynamoDBClient,
  type PointInTimeRecoverySpecification,
  type TimeToLiveSpecification,
  UpdateContinuousBackupsCommand,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import type { Setting } from './settings.ts';

/** The table properties that MiniStack's CloudFormation ignores and its DynamoDB supports. */
export function tableSettings(dynamodb: DynamoDBClient): Setting[] {
  const type = 'AWS::DynamoDB::Table';
  return [
    {
      type,
      property: 'PointInTimeRecoverySpecification',
      apply: (TableName, wanted) =>
        dynamodb.send(
          new UpdateContinuousBackupsCommand({
            TableName,
            PointInTimeRecoverySpecification: wanted as PointInTimeRecoverySpecification,
          }),
        ),
      observe: async (TableName) => {
        const answer = await dynamodb.send(new DescribeContinuousBackupsCommand({ TableName }));
        const status = answer.ContinuousBackupsDescription?.PointInTimeRecoveryDescription;
        return status?.PointInTimeRecoveryStatus === 'ENABLED' ? status : undefined;
      },
    },
    {
      type,
      property: 'TimeToLiveSpecification',
      apply: (TableName, wanted) =>
        dynamodb.send(
          new UpdateTimeToLiveCommand({
            TableName,
            TimeToLiveSpecification: wanted as TimeToLiveSpecification,
          }),
        ),
      observe: async (TableName) =>
        (await dynamodb.send(new DescribeTimeToLiveCommand({ TableName }))).TimeToLiveDescription
          ?.AttributeName,
    },
  ];
}
