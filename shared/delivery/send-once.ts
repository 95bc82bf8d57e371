import type { SQSClientConfig } from '@aws-sdk/client-sqs';

/** Which account and Region a client speaks to. */
export type AwsAccount = Pick<SQSClientConfig, 'endpoint' | 'region' | 'credentials'>;

/** A connection that is not made in this time will not be made. */
const CONNECT_MS = 5_000;

/**
 * Settings of a client that asks once. The SDK would try again by itself after a lost answer, and the message would arrive
 * twice without anybody knowing; a replay tries again itself, and counts it.
 *
 * @param inFlight calls at the same time
 */
export function sendOnce(account: AwsAccount, inFlight: number) {
  const agent = { keepAlive: true, maxSockets: inFlight };
  return {
    ...account,
    maxAttempts: 1,
    requestHandler: { connectionTimeout: CONNECT_MS, httpAgent: agent, httpsAgent: agent },
  };
}
