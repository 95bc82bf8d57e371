import { retryAfter } from '../../delivery/retry-after.ts';

/** What a complete response says about the message that was sent. */
export interface Classification {
  readonly outcome: 'accepted' | 'refused' | 'failed' | 'unknown';
  readonly slowDown: boolean;
  /** Milliseconds. */
  readonly retryAfter: number | null;
}

/**
 * Client errors that concern the address, the credentials, the connection or the moment, not the message.
 * Another message would get the same response now; this one may get a different one tomorrow.
 *
 * 409 is one of them: a request with the same key is still being processed.
 * https://www.rfc-editor.org/rfc/rfc9110#name-client-error-4xx
 * https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-idempotency-key-header-07#name-error-handling
 */
const NOT_OF_THE_MESSAGE = new Set([
  401, 402, 403, 404, 405, 406, 407, 408, 409, 410, 411, 412, 414, 417, 421, 423, 424, 425, 426, 428, 429,
  431,
]);

/**
 * Responses from a gateway or Cloudflare in front of the receiver, which does not know what the receiver did.
 * https://www.rfc-editor.org/rfc/rfc9110#name-502-bad-gateway
 * https://developers.cloudflare.com/support/troubleshooting/http-status-codes/cloudflare-5xx-errors/
 */
const FROM_BEFORE_THE_RECEIVER = new Set([502, 504, 520, 522, 524, 598, 599]);

/**
 * Classifies a response by its status. An unlisted client error concerns the message. An invalid HTTP status
 * is unknown.
 */
export function classify(status: number, retryAfterHeader: string | undefined, now: Date): Classification {
  if (status >= 200 && status <= 299) return { outcome: 'accepted', slowDown: false, retryAfter: null };
  if (status >= 400 && status <= 499 && !NOT_OF_THE_MESSAGE.has(status))
    return { outcome: 'refused', slowDown: false, retryAfter: null };
  const unclear = FROM_BEFORE_THE_RECEIVER.has(status) || status < 300 || status > 599;
  const slowDown = status === 429 || status >= 500;
  return {
    outcome: unclear ? 'unknown' : 'failed',
    slowDown,
    retryAfter: slowDown ? retryAfter(retryAfterHeader, now) : null,
  };
}
