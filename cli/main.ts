import { CommanderError } from 'commander';
import { reportError } from './action.ts';
import { EXIT } from './exit-code.ts';
import { createProgram } from './program.ts';
import { standWhereTyped } from './standing.ts';

/** Runs the command line and returns the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  const json = argv.includes('--json');
  try {
    standWhereTyped(process.env);
    await createProgram({ json }).parseAsync([...argv]);
    return Number(process.exitCode ?? EXIT.good);
  } catch (error) {
    if (!(error instanceof CommanderError)) return reportError(error, { verbose: true });
    if (error.exitCode === 0) return EXIT.good; // help or version was requested
    // Commander has already printed the message.
    if (json) reportError(error, { json });
    return EXIT.usage;
  }
}
