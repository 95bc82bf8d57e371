import type { HistoryEvent } from '@aws-sdk/client-sfn';

/** An error as a state met it, the cause in words. */
export interface StateFailure {
  readonly error: string;
  readonly cause: string;
}

/** A failure of which the history has no words. */
export const NO_FAILURE: StateFailure = { error: 'unnamed error', cause: 'no cause was given' };

/** The failure that an event of a history speaks of; null where it speaks of none. */
export function failureOf(event: HistoryEvent): StateFailure | null {
  const details =
    event.taskFailedEventDetails ??
    event.taskTimedOutEventDetails ??
    event.taskStartFailedEventDetails ??
    event.taskSubmitFailedEventDetails ??
    event.evaluationFailedEventDetails;
  if (!details) return null;
  return { error: details.error ?? NO_FAILURE.error, cause: inWords(details.cause) };
}

/** Lambda gives a cause as JSON with the message in it; other services give a sentence. */
function inWords(cause: string | undefined): string {
  if (!cause) return NO_FAILURE.cause;
  try {
    const parsed: unknown = JSON.parse(cause);
    if (typeof parsed === 'object' && parsed !== null && 'errorMessage' in parsed)
      return String(parsed.errorMessage);
  } catch {
    // a sentence
  }
  return cause;
}
