import {
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  type DynamoDBClient,
  type PointInTimeRecoverySpecification,
  type TimeToLiveSpecification,
  UpdateContinuousBackupsCommand,
  UpdateTableCommand,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import type { Setting } from './settings.ts';

/** The table properties that MiniStack's CloudFormation ignores and its DynamoDB supports. */
export function tableSettings(dynamodb: DynamoDBClient): Setting[] {
  return [...settingsOf('AWS::DynamoDB::Table', dynamodb), ...globalSettings(dynamodb)];
}

function settingsOf(type: string, dynamodb: DynamoDBClient): Setting[] {
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

/** A global table is created in its own Region, and its replicas after it. MiniStack's DynamoDB writes them (replication.py). */
function globalSettings(dynamodb: DynamoDBClient): Setting[] {
  const type = 'AWS::DynamoDB::GlobalTable';
  return [
    ...settingsOf(type, dynamodb).filter(({ property }) => property === 'TimeToLiveSpecification'),
    {
      type,
      property: 'Replicas',
      apply: async (TableName, wanted) => {
        const own = await dynamodb.config.region();
        const others = (wanted as { Region: string }[]).filter(({ Region }) => Region !== own);
        const ReplicaUpdates = others.map(({ Region: RegionName }) => ({ Create: { RegionName } }));
        return dynamodb.send(new UpdateTableCommand({ TableName, ReplicaUpdates }));
      },
      observe: async (TableName) =>
        (await dynamodb.send(new DescribeTableCommand({ TableName }))).Table?.Replicas?.[0],
    },
  ];
}
