import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import type { RDSClient } from '@aws-sdk/client-rds';
import { dynamoClient } from '../../shared/aws/clients/dynamodb.ts';
import { lambdaClient } from '../../shared/aws/clients/lambda.ts';
import { rdsClient } from '../../shared/aws/clients/rds.ts';
import { s3Client } from '../../shared/aws/clients/s3.ts';
import { boundToCaller, clientSettings } from '../../shared/aws/clients/settings.ts';
import { sfnClient } from '../../shared/aws/clients/sfn.ts';
import { snsClient } from '../../shared/aws/clients/sns.ts';
import { sqsClient } from '../../shared/aws/clients/sqs.ts';

/**
 * Which AWS to call, and with which credentials. Missing settings come from the usual AWS sources: environment, profile,
 * role. That includes AWS_ENDPOINT_URL.
 */
export interface AwsSettings {
  readonly region: string;
  readonly endpoint?: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** A function's longest time, and that of its start. */
const LONGEST_MS = 960_000;

export type Clients = ReturnType<typeof createClients>;

/** The clients that the commands share. */
export function createClients(settings: AwsSettings) {
  const clients = {
    cloudformation: boundToCaller(new CloudFormationClient(clientSettings(settings))),
    dynamodb: dynamoClient(settings),
    lambda: lambdaClient(settings),
    s3: s3Client(settings),
    sfn: sfnClient(settings),
    sns: snsClient(settings),
    sqs: sqsClient(settings),
  };
  const rds = new Map<string, RDSClient>();
  const late: ReturnType<typeof lambdaClient>[] = [];
  return {
    ...clients,
    /** Waits as long as a function may run, and calls it once. */
    lambdaAnsweringLate() {
      const client = lambdaClient({ ...settings, attempts: 1, answerMs: LONGEST_MS, idleMs: LONGEST_MS });
      late.push(client);
      return client;
    },
    /** Calls functions in the other Region. */
    lambdaIn(region: string) {
      const client = lambdaClient({ ...settings, region });
      late.push(client);
      return client;
    },
    /** RDS is asked in both Regions. */
    rdsIn(region: string): RDSClient {
      const client = rds.get(region) ?? rdsClient({ ...settings, region });
      rds.set(region, client);
      return client;
    },
    destroy() {
      for (const client of [...Object.values(clients), ...rds.values(), ...late]) client.destroy();
    },
  };
}
