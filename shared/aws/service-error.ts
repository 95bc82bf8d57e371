import { LifeboatError } from '../errors/lifeboat-error.ts';
import { ServiceUnreachable } from './service-unreachable.ts';

/** What an error of an AWS call means to its caller. */
export type ServiceErrorClass =
  /** The resource does not exist in this account and Region. */
  | 'missing'
  /** A policy denies the call. */
  | 'forbidden'
  /** There are no credentials, or AWS does not accept them. */
  | 'unauthenticated'
  /** AWS asks to slow down. The call had no effect. */
  | 'throttled'
  /** No connection was made, so nothing was sent. */
  | 'unreachable'
  /** The service failed or did not answer. The call may have had its effect. */
  | 'unavailable'
  /** The service refused the call for another reason. The same call would be refused again. */
  | 'refused';

/** The parts of an SDK error that are looked at. */
interface SdkError extends Error {
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/** `KmsNotFound` of SQS is about the queue's key, not about the queue. */
const MISSING = /^(?!KMS).*(?:NotFound(?:Exception|Fault)?|DoesNotExist|NonExistentQueue)$|^NoSuch/i;

const FORBIDDEN = /AccessDenied|AuthorizationError|UnauthorizedOperation|NotAuthorized|^AllAccessDisabled$/;

const UNAUTHENTICATED =
  /^(?:CredentialsProviderError|TokenProviderError|ExpiredToken|RequestExpired|InvalidClientTokenId|InvalidAccessKeyId|InvalidToken|UnrecognizedClient|MissingAuthenticationToken|SignatureDoesNotMatch|InvalidSignature|IncompleteSignature|RequestTimeTooSkewed|AuthFailure)/;

const THROTTLED = /Throttl|TooManyRequests|LimitExceeded|OverLimit|SlowDown|ThroughputExceeded/;

/** Names without a status: a time limit of the SDK, and failures that a service reports with a status below 500. */
const UNAVAILABLE =
  /^(?:TimeoutError|RequestTimeout|RequestTimeoutException|InternalError|InternalFailure|InternalServerError|ServiceUnavailable|ServiceUnavailableException|KMSInternalException|DependencyTimeoutException|KeyUnavailableException)$/;

/** Failures before a connection is made: names, addresses, certificates. */
const NOT_CONNECTED =
  /^(?:ENOTFOUND|EAI_AGAIN|ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|CERT_|ERR_TLS_|ERR_SSL_|SELF_SIGNED_|DEPTH_ZERO_|UNABLE_TO_)/;

/** Failures of a connection that was made. */
const CONNECTION_LOST = /^(?:ECONNRESET|EPIPE|ETIMEDOUT)$/;

/** The SDK's time limit for a connection has no code of its own. */
const CONNECT_TIMEOUT = 'did not establish a connection';

/**
 * Classifies an error of an AWS call by its name, its status and the network's code.
 *
 * @returns null for an error that did not come from such a call
 */
export function classifyServiceError(error: unknown): ServiceErrorClass | null {
  if (error instanceof ServiceUnreachable) return error.mayBeDone ? 'unavailable' : 'unreachable';
  if (!(error instanceof Error) || error instanceof LifeboatError) return null;
  const { name, message, $metadata }: SdkError = error;
  const status = $metadata?.httpStatusCode ?? 0;
  // Some services throttle with status 403, and some report a denial of another service with status 502.
  if (THROTTLED.test(name) || status === 429) return 'throttled';
  if (UNAUTHENTICATED.test(name)) return 'unauthenticated';
  if (FORBIDDEN.test(name)) return 'forbidden';
  if (MISSING.test(name)) return 'missing';
  if (UNAVAILABLE.test(name)) return message.includes(CONNECT_TIMEOUT) ? 'unreachable' : 'unavailable';
  if (status >= 500) return 'unavailable';
  if (status >= 400) return isUnnamed(name) ? byStatus(status) : 'refused';
  const code = networkCode(error);
  if (code === null) return null;
  return NOT_CONNECTED.test(code) ? 'unreachable' : 'unavailable';
}

/**
 * Finds the network's code, such as `ECONNREFUSED`. Node lists several errors where a name has several addresses, and the
 * SDK wraps some.
 */
export function networkCode(error: Error): string | null {
  const nested = error instanceof AggregateError ? error.errors : [error.cause];
  for (const each of [error, ...nested]) {
    const code = each instanceof Error && 'code' in each ? String(each.code) : '';
    if (NOT_CONNECTED.test(code) || CONNECTION_LOST.test(code)) return code;
  }
  return null;
}

/** The error's own words, to be quoted in another error's message. */
export function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** S3 answers a HEAD request without a body, so that the SDK knows no name. */
function isUnnamed(name: string): boolean {
  return /^(?:Error|Unknown|UnknownError|Forbidden|\d{3})$/.test(name);
}

function byStatus(status: number): ServiceErrorClass {
  if (status === 404) return 'missing';
  return status === 401 || status === 403 ? 'forbidden' : 'refused';
}

/** What a request finds; null where AWS says that there is no such thing. */
export async function foundOrNull<Found>(request: () => Promise<Found | null>): Promise<Found | null> {
  try {
    return await request();
  } catch (error) {
    if (classifyServiceError(error) === 'missing') return null;
    throw error;
  }
}
