/** An error in the sense of the States Language: a name that ErrorEquals matches, and a human-readable cause. */
export class StateFailure extends Error {
  override readonly name = 'StateFailure';
  readonly error: string;
  readonly reason: string;

  constructor(error: string, reason: string) {
    super(`${error}: ${reason}`);
    this.error = error;
    this.reason = reason;
  }
}

/** "An execution failed due to some exception that it couldn't process"; never retried nor caught (developer guide, "Error names"). */
const FATAL = 'States.Runtime';
/** "A terminal error that can't be caught by the States.ALL error type" (same page). */
const BEYOND_WILDCARDS = ['States.DataLimitExceeded'];
/** A missed heartbeat is a timeout too (spec, appendix A). */
const TIMEOUTS = ['States.Timeout', 'States.HeartbeatTimeout'];

/** Whether a retrier's or catcher's ErrorEquals matches this failure. */
export function matches(errorEquals: readonly string[], { error }: StateFailure): boolean {
  if (error === FATAL) return false;
  if (errorEquals.includes(error)) return true;
  if (BEYOND_WILDCARDS.includes(error)) return false;
  if (errorEquals.includes('States.ALL')) return true;
  const timedOut = TIMEOUTS.includes(error);
  if (errorEquals.includes('States.Timeout') && timedOut) return true;
  // "acts as a wildcard that matches any known error name except for States.Timeout" (developer guide)
  return errorEquals.includes('States.TaskFailed') && !timedOut;
}
