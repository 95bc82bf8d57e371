import { LifeboatError } from '../shared/errors/lifeboat-error.ts';
import { EXIT, type ExitCode } from './exit-code.ts';

/** The person pressed Ctrl-C. Not a failure: the code that catches it says what keeps running. */
export class Interrupted extends LifeboatError {
  override readonly name = 'Interrupted';
  override readonly kind = 'interrupted';
}

/** npm forwards the Ctrl-C that the terminal has already sent: two signals within this time count as one. */
const SAME_KEY_MS = 1_000;

/**
 * Turns the first Ctrl-C into an aborted signal, so that a command can finish cleanly. A later one ends the process.
 *
 * @param exitCode exit code of a process ended by a second Ctrl-C
 */
export function interruptible(exitCode: ExitCode = EXIT.interrupted): AbortSignal {
  const controller = new AbortController();
  let first: number | undefined;
  const onSignal = () => {
    if (first === undefined) {
      first = Date.now();
      controller.abort(new Interrupted('Interrupted.'));
    } else if (Date.now() - first > SAME_KEY_MS) process.exit(exitCode);
  };
  for (const each of SIGNALS) process.off(each, endAtOnce).on(each, onSignal);
  return controller.signal;
}

/** SIGHUP: the terminal was closed. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Calls back at the first Ctrl-C of a command that has nothing to finish, and ends the process. A command that has
 * something to finish makes itself `interruptible`, which replaces this.
 */
export function endWhenInterrupted(tell: (error: Interrupted) => void): void {
  endAtOnce = () => {
    tell(new Interrupted('Interrupted.'));
    process.exit(EXIT.interrupted);
  };
  for (const each of SIGNALS) process.once(each, endAtOnce);
}

let endAtOnce = () => {};
