import type { HistoryEvent } from '@aws-sdk/client-sfn';

/** An error as a state met it, the cause in words. */
export interface StateFailure {
  readonly error: string;
  readonly cause: string;
}

/** The failure that an event of a history speaks of; null where it speaks of none. */
export function failureOf(event: HistoryEvent): StateFailure | null {
  const details =
    event.taskFailedEventDetails ??
    event.taskTimedOutEventDetails ??
    event.taskStartFailedEventDetails ??
    event.taskSubmitFailedEventDetails ??
    event.evaluationFailedEventDetails;
  if (!details) return null;
  return { error: details.error ?? 'unnamed error', cause: inWords(details.cause) };
}

/** Lambda gives a cause as JSON with the message in it; other services give a sentence. */
function inWords(cause: string | undefined): string {
  if (!cause) return 'no cause was given';
  try {
    const parsed: unknown = JSON.parse(cause);
    if (typeof parsed === 'object' && parsed !== null && 'errorMessage' in parsed)
      return String(parsed.errorMessage);
  } catch {
    // a sentence
  }
  return cause;
}
