/** What has to happen before the work can succeed. Each kind leads to another decision of a machine, the CLI or the operator. */
export type ErrorKind =
  /** The call, the plan, a secret or the deployment is wrong: correct it. The CLI's exit code 2. */
  | 'usage'
  /** Something that should exist does not: create it, or name another. */
  | 'missing'
  /** A policy denies the call: allow it, or act as another role. */
  | 'forbidden'
  /** A service or a database did not answer, or throttled: wait and try again. */
  | 'unavailable'
  /** Stored data is not what was written: do not use it. */
  | 'damaged'
  /** Another process holds it, or it exists already: look at what is there. */
  | 'conflict'
  /** Lifeboat or the service cannot handle this content: choose another way. */
  | 'unsupported'
  /** Part of the work is done: run it again to finish. */
  | 'incomplete'
  /** The operator stopped it. The CLI's exit code 130. */
  | 'interrupted';

export interface LifeboatErrorOptions extends ErrorOptions {
  /** The next step. */
  readonly hint?: string;
}

/**
 * An error that Lifeboat itself recognised and named.
 *
 * Each class sets a literal `name`: Step Functions compares it with `ErrorEquals`, and a class that does not set it arrives
 * there as `Error`. Errors of libraries and of AWS keep their own classes.
 */
export abstract class LifeboatError extends Error {
  abstract override readonly name: string;
  abstract readonly kind: ErrorKind;
  /** True if the same call made again, unchanged, may succeed. Every error in a machine's Retry list is retryable. */
  readonly retryable: boolean = false;
  /** The next step for an operator; null where the message already says it. */
  readonly hint: string | null;

  constructor(message: string, options: LifeboatErrorOptions = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : {});
    this.hint = options.hint ?? null;
  }
}
