import type { HistoryEvent } from '@aws-sdk/client-sfn';
import { NO_CAUSE, unwrapCause } from '../run/unwrap-cause.ts';

/** An error as a state met it, the cause in words. */
export interface StateFailure {
  readonly error: string;
  readonly cause: string;
}

/** A failure of which the history has no words. */
export const NO_FAILURE: StateFailure = { error: 'unnamed error', cause: NO_CAUSE };

/** The failure that an event of a history speaks of; null where it speaks of none. */
export function failureOf(event: HistoryEvent): StateFailure | null {
  const details =
    event.taskFailedEventDetails ??
    event.taskTimedOutEventDetails ??
    event.taskStartFailedEventDetails ??
    event.taskSubmitFailedEventDetails ??
    event.evaluationFailedEventDetails;
  if (!details) return null;
  return { error: details.error ?? NO_FAILURE.error, cause: unwrapCause(details.cause) };
}
