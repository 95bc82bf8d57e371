import { classifyServiceError, wordsOf } from '../aws/service-error.ts';
import type { Clock } from '../clock/clock.ts';
import { formatDuration } from '../plan/values/duration.ts';
import { failed, refused, unknown } from './delivery-outcome.ts';
import { retryAfter } from './retry-after.ts';
import { type Delivery, TargetMisconfigured } from './target.ts';

/** A call by which a message is delivered, in words for people. */
export interface AwsCall {
  /** `sqs:SendMessage` */
  readonly action: string;
  /** `queue "orders"` */
  readonly on: string;
  /** Milliseconds; as long as a queue or a topic is given where absent. */
  readonly limit?: number;
  /** Names of the errors that speak of the message. */
  readonly refusals: ReadonlySet<string>;
}

/** Milliseconds in which a queue or a topic takes a message, or never. */
export const CALL_LIMIT = 30_000;

/**
 * Delivers by one call of an AWS service, which is not repeated.
 *
 * @param call makes it, and reads its answer
 */
export async function deliverByCall(
  about: AwsCall,
  { signal, clock }: { signal: AbortSignal; clock: Clock },
  call: (signal: AbortSignal) => Promise<Delivery>,
): Promise<Delivery> {
  const { action, on, limit = CALL_LIMIT } = about;
  if (signal.aborted) return failed(`${on} was sent nothing: it was not begun`);
  const ending = new AbortController();
  let reason = 'the replay ended';
  const end = () => ending.abort();
  const timer = setTimeout(() => {
    reason = `no answer to ${action} within ${formatDuration(limit)}`;
    end();
  }, limit);
  signal.addEventListener('abort', end, { once: true });
  try {
    return await call(ending.signal);
  } catch (error) {
    if (ending.signal.aborted)
      return unknown(`${on} was sent it and did not answer: ${reason}`, { slowDown: true });
    return readError(error, about, clock.now());
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', end);
  }
}

/** The parts of an SDK error that are looked at. */
interface SdkError extends Error {
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly code?: string;
  readonly retryAfterSeconds?: string;
}

function readError(error: unknown, { action, on, refusals }: AwsCall, now: Date): Delivery {
  if (!(error instanceof Error)) return unknown(`${on}: ${String(error)}`);
  const { name, message, $metadata, code = '', retryAfterSeconds }: SdkError = error;
  const status = $metadata?.httpStatusCode;
  const kind = classifyServiceError(error);
  const reason = `${action} on ${on}: ${[name, message || code].filter(Boolean).join(': ')}`;
  if (status === undefined || status < 400) {
    const unsent = kind === 'unreachable' || kind === 'unauthenticated';
    return unsent ? failed(reason, { slowDown: true }) : unknown(reason, { slowDown: true });
  }
  if (refusals.has(name) || status === 413) return refused(reason);
  if (kind === 'throttled')
    return failed(reason, { slowDown: true, retryAfter: retryAfter(retryAfterSeconds, now) });
  if (status === 504) return unknown(reason, { slowDown: true });
  return failed(reason, { slowDown: status >= 500 });
}

/**
 * Makes a call by which a target is opened.
 *
 * @throws TargetMisconfigured naming the resource and the action, where asking again would change nothing
 */
export async function openByCall<T>(
  { action, on }: Pick<AwsCall, 'action' | 'on'>,
  call: Promise<T>,
): Promise<T> {
  try {
    return await call;
  } catch (cause) {
    const kind = classifyServiceError(cause);
    if (kind === 'missing')
      throw new TargetMisconfigured(
        `there is no ${on} in this account and Region: correct its name in the plan`,
        { cause },
      );
    if (kind === 'forbidden')
      throw new TargetMisconfigured(
        `${action} on ${on} is not allowed: allow it in the replay's role, and in the resource's own policy (${wordsOf(cause)})`,
        { cause },
      );
    throw cause;
  }
}
