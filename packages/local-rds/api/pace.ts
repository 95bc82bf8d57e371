/** A state that something has entered and will leave when its work is done. */
export interface EnteredState {
  readonly arn: string;
  readonly status: string;
}

/**
 * Holds things in their states. It is asked whenever something has entered a state in which work is to be done, before the work
 * begins; the work begins when the promise resolves, and fails with its reason when it rejects.
 */
export interface Pace {
  hold(state: EnteredState, signal: AbortSignal): Promise<void>;
}
