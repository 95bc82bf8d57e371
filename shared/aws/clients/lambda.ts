import { LambdaClient } from '@aws-sdk/client-lambda';
import { boundToCaller, type ClientOptions, clientSettings } from './settings.ts';

/** A synchronous call is answered when the function ends. The functions that are called so end within 60 s. */
const ANSWER_MS = 65_000;

export function lambdaClient(options: ClientOptions = {}): LambdaClient {
  return boundToCaller(
    new LambdaClient(clientSettings({ answerMs: ANSWER_MS, idleMs: ANSWER_MS, ...options })),
  );
}
