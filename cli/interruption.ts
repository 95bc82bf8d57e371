import { LifeboatError } from '../shared/errors/lifeboat-error.ts';
import { EXIT, type ExitCode } from './exit-code.ts';

/** The person pressed Ctrl-C. Not a failure: whoever catches it says what goes on without them. */
export class Interrupted extends LifeboatError {
  override readonly name = 'Interrupted';
  override readonly kind = 'interrupted';
}

/** npm passes on the Ctrl-C that the terminal has already sent: within this time it is one and the same. */
const SAME_KEY_MS = 1_000;

/**
 * Turns the first Ctrl-C into an aborted signal, so that a command ends in its own way; a later one ends the process.
 *
 * @param exitCode of a process that is ended by a second Ctrl-C
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
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  return controller.signal;
}
