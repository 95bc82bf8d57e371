import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';

/** DynamoDB answers in milliseconds. Without a limit, the SDK would wait for a lost answer as long as the function lives. */
const ANSWER_MS = 3_000;

/**
 * A client that does not wait for ever: a worker whose ledger is silent must stop while it still can.
 *
 * @param settings the environment's account and Region and the SDK's attempts, unless told otherwise
 */
export function ledgerClient(
  settings: Pick<DynamoDBClientConfig, 'endpoint' | 'region' | 'credentials' | 'maxAttempts'> = {},
): DynamoDBClient {
  return new DynamoDBClient({
    ...settings,
    requestHandler: {
      connectionTimeout: ANSWER_MS,
      requestTimeout: ANSWER_MS,
      throwOnRequestTimeout: true,
    },
  });
}
