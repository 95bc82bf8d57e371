import { SQSClient } from '@aws-sdk/client-sqs';
import { boundToCaller, type ClientOptions, clientSettings } from './settings.ts';

/** A receive waits up to 20 s for a first message. */
const ANSWER_MS = 30_000;

export function sqsClient(options: ClientOptions = {}): SQSClient {
  return boundToCaller(new SQSClient(clientSettings({ answerMs: ANSWER_MS, ...options })));
}
