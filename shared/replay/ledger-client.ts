import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';

/** DynamoDB answers in milliseconds. Without a limit, the SDK would wait for a lost answer as long as the function lives. */
const ANSWER_MS = 3_000;

/**
 * A client that does not wait for ever: a worker whose ledger is silent must stop while it still can.
 *
 * @param where the environment's account and Region, unless told otherwise
 */
export function ledgerClient(
  where: Pick<DynamoDBClientConfig, 'endpoint' | 'region' | 'credentials'> = {},
): DynamoDBClient {
  return new DynamoDBClient({
    ...where,
    requestHandler: {
      connectionTimeout: ANSWER_MS,
      requestTimeout: ANSWER_MS,
      throwOnRequestTimeout: true,
    },
  });
}
