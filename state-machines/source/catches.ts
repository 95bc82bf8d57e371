import type { Catcher } from './asl.ts';
import { jsonata } from './jsonata.ts';

/** The cause of an error in words: of a Lambda function its message, of anything else the whole. */
const CAUSE =
  "$states.errorOutput.Cause ? ($contains($states.errorOutput.Cause, '\"errorMessage\"') and $substring($states.errorOutput.Cause, -1) = '}' ? $parse($states.errorOutput.Cause).errorMessage : $states.errorOutput.Cause) : 'no cause was given'";

/** The error that was caught, as a part of a larger expression. */
export const caughtAsObject = (errorField = 'error'): string =>
  `{'${errorField}': $states.errorOutput.Error, 'cause': ${CAUSE}}`;

/** The error that was caught, as `name: cause`. */
export const caughtInWords = `$states.errorOutput.Error & ': ' & (${CAUSE})`;

/** The error that was caught, as the value of a variable. */
export const caught = {
  error: jsonata('$states.errorOutput.Error'),
  cause: jsonata(CAUSE),
};

/** What a failed task leaves: the failure among the facts, and what did not happen in words. */
export interface FailureRoute {
  /** What did not happen; the error's name is added. */
  readonly reason: string;
  /** The outcome of the run; as it was where absent. */
  readonly outcome?: string;
  readonly next: string;
}

/** Catches any error, or the named ones, and keeps it for the record. */
export function onFailure({ reason, outcome, next }: FailureRoute, errors = ['States.ALL']): Catcher {
  return {
    ErrorEquals: errors,
    Assign: {
      facts: jsonata(`$merge([$facts, {'failure': ${caughtAsObject()}}])`),
      ...(outcome === undefined ? {} : { outcome }),
      reason: jsonata(`'${reason}: ' & $states.errorOutput.Error`),
    },
    Next: next,
  };
}
