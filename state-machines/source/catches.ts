import type { Catcher } from './asl.ts';
import { jsonata } from './jsonata.ts';

/**
 * The cause that a service gave with an error, word for word, or null. Nothing here parses it: what a catcher's own expression
 * throws is caught by nothing, and ends the run without a record. record-run reads it (shared/run/unwrap-cause.ts).
 */
const CAUSE = '$states.errorOutput.Cause ? $states.errorOutput.Cause : null';

/** The error that was caught, as the value of a variable. */
export const caughtError = { error: jsonata('$states.errorOutput.Error'), cause: jsonata(CAUSE) };

/** The error that was caught, cut so that forty of them fit into one state. */
export const caughtErrorCut = {
  error: jsonata('$states.errorOutput.Error'),
  cause: jsonata('$states.errorOutput.Cause ? $substring($states.errorOutput.Cause, 0, 500) : null'),
};

/** The error that was caught, as a part of a larger expression. */
export const caughtErrorAsObject = `{'error': $states.errorOutput.Error, 'cause': ${CAUSE}}`;

/** A variable that holds a caught error, as a part of a larger expression: `name: cause`. */
export function inWords(variable: string): string {
  return `$${variable}.error & ($${variable}.cause ? ': ' & $${variable}.cause : '')`;
}

/** What a failed task leaves: the failure, and in words what did not happen. */
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
      failure: caughtError,
      ...(outcome === undefined ? {} : { outcome }),
      reason: jsonata(`'${reason}: ' & $states.errorOutput.Error`),
    },
    Next: next,
  };
}

/** Catches any error of a step without which the run goes on, and keeps it in place of the step's answer. */
export function onFailedStep(step: string, next: string): Catcher {
  return {
    ErrorEquals: ['States.ALL'],
    Assign: { steps: jsonata(`$merge([$steps, {'${step}': {'failure': ${caughtErrorAsObject}}}])`) },
    Next: next,
  };
}
