import type { AwsAccount, ClientOptions } from '../aws/clients/settings.ts';
import { CALL_LIMIT } from './aws-call.ts';

/** A delivery is given up first, so that its outcome says how long it waited. */
const MARGIN_MS = 5_000;

/**
 * Options of a client that tries once. The SDK would try again after a lost answer, and the message could arrive twice
 * without a trace; a replay tries again itself, and counts it.
 *
 * @param inFlight calls at the same time
 * @param limitMs longest delivery
 */
export function sendOnce(account: AwsAccount, inFlight: number, limitMs = CALL_LIMIT): ClientOptions {
  return { ...account, attempts: 1, answerMs: limitMs + MARGIN_MS, idleMs: limitMs + MARGIN_MS, inFlight };
}
