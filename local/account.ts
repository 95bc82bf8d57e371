import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { IAMClient } from '@aws-sdk/client-iam';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';

/** The local AWS account: its endpoint, Region and number. */
export interface Account {
  readonly endpoint: string;
  readonly region: string;
  readonly accountId: string;
}

/**
 * The variables that make any AWS SDK or tool act as the account's root user.
 * The access key is the account number.
 */
export function environmentOf({ endpoint, region, accountId }: Account): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region, // the AWS CLI v1 does not read AWS_REGION
    AWS_ACCESS_KEY_ID: accountId,
    AWS_SECRET_ACCESS_KEY: 'test',
  };
}

export type Clients = ReturnType<typeof clientsFor>;

/** The clients that the start itself needs, as the root user. */
export function clientsFor({ endpoint, region, accountId }: Account) {
  const settings = { endpoint, region, credentials: { accessKeyId: accountId, secretAccessKey: 'test' } };
  const clients = {
    cloudformation: new CloudFormationClient(settings),
    dynamodb: new DynamoDBClient(settings),
    iam: new IAMClient(settings),
    lambda: new LambdaClient(settings),
    s3: new S3Client(settings),
    secrets: new SecretsManagerClient(settings),
    sns: new SNSClient(settings),
    sqs: new SQSClient(settings),
  };
  return {
    ...clients,
    destroy() {
      for (const client of Object.values(clients)) client.destroy();
    },
  };
}
