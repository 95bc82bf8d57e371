import type { SQSClientConfig } from '@aws-sdk/client-sqs';

/** Which account and Region a client calls. What is absent comes from the environment, as for every AWS tool. */
export type AwsAccount = Pick<SQSClientConfig, 'endpoint' | 'region' | 'credentials'>;

/** How long a client waits, and how often it tries. */
export interface ClientLimits {
  /** Attempts of a call, the first one included. */
  readonly attempts?: number;
  /** Milliseconds from the start of a request to the head of its response, for each attempt. */
  readonly answerMs?: number;
  /** Milliseconds without a byte, after which a response's body is given up. */
  readonly idleMs?: number;
  /** Calls at the same time; more wait for a connection. */
  readonly inFlight?: number;
}

export type ClientOptions = AwsAccount & ClientLimits;

/** A connection that is not made in this time will not be made. */
const CONNECT_MS = 3_000;

/**
 * Settings of an SDK client. A service that does not answer fails a call within `attempts` × `answerMs` and the waits
 * between. Without limits the SDK waits until Lambda kills the function, and no error says why.
 */
export function clientSettings({
  attempts = 3,
  answerMs = 10_000,
  idleMs = 30_000,
  inFlight = 50,
  ...account
}: ClientOptions) {
  const agent = { keepAlive: true, maxSockets: inFlight };
  return {
    ...account,
    maxAttempts: attempts,
    requestHandler: {
      connectionTimeout: CONNECT_MS,
      requestTimeout: answerMs,
      throwOnRequestTimeout: true,
      socketTimeout: idleMs,
      httpAgent: agent,
      httpsAgent: agent,
    },
  };
}
