import * as z from 'zod';

/** An error as a state machine caught it. The cause is what the service said, word for word; null where it said nothing. */
export const CaughtError = z.object({ error: z.string(), cause: z.string().nullable() });
export type CaughtError = z.infer<typeof CaughtError>;

/** Stands for a cause where the service gave none. */
export const NO_CAUSE = 'no cause was given';

/** Lambda's answer for a function that was killed: it timed out or ran out of memory. The payload follows. */
const KILLED =
  /^The cause could not be determined because Lambda did not return an error type\. Returned payload: /;

/** The message in JSON that ends anywhere: Step Functions cuts a cause after 32 KB. Group 2 is its closing quote. */
const MESSAGE = /"errorMessage"\s*:\s*"((?:[^"\\\p{Cc}]|\\u[0-9a-fA-F]{4}|\\["\\/bfnrt])*)("?)/u;

/**
 * Reads what a person needs out of a raw cause. A Lambda function's error arrives as JSON with the message in it; a killed
 * function's as a sentence that quotes such JSON. Any other cause is already a sentence and stays as it is.
 *
 * Never throws: whatever a service sends, there are words for it. A message that was cut ends in `…`.
 */
export function unwrapCause(raw: string | null | undefined): string {
  if (!raw?.trim()) return NO_CAUSE;
  const payload = raw.replace(KILLED, '');
  return (payload.startsWith('{') ? messageIn(payload) : null) ?? raw;
}

/** The message of an error in JSON, whole or cut; null where there is none. */
function messageIn(json: string): string | null {
  try {
    const { errorMessage } = JSON.parse(json) as { errorMessage?: unknown };
    if (typeof errorMessage !== 'string') return null;
    return errorMessage.trim() === '' ? NO_CAUSE : errorMessage;
  } catch {
    const [, message = '', end] = MESSAGE.exec(json) ?? [];
    if (message === '') return null;
    return `${(JSON.parse(`"${message}"`) as string).toWellFormed()}${end === '' ? '…' : ''}`;
  }
}

/** The same error with its cause in words. */
export function unwrapFailure({ error, cause }: CaughtError): { error: string; cause: string } {
  return { error, cause: unwrapCause(cause) };
}
