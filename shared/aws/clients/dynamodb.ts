import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { boundToCaller, type ClientOptions, clientSettings } from './settings.ts';

/** DynamoDB answers in milliseconds. A worker whose ledger is silent must stop while it still can. */
const ANSWER_MS = 3_000;

export function dynamoClient(options: ClientOptions = {}): DynamoDBClient {
  return boundToCaller(new DynamoDBClient(clientSettings({ answerMs: ANSWER_MS, ...options })));
}
