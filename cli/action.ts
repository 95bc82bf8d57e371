import type { Command } from 'commander';
import { EXIT, type ExitCode } from './exit-code.ts';
import { explain } from './explain.ts';
import { createScreen, type Screen } from './render/screen.ts';

/** Options that every command has. */
export interface CommonOptions {
  readonly json?: true;
  readonly verbose?: true;
}

/** The result of a command: the exit code, and the document that --json prints. */
export interface Result {
  readonly exitCode: ExitCode;
  readonly document: unknown;
}

/** A command's work, after its arguments are parsed. */
export type Work<Args extends readonly unknown[], Options> = (call: {
  readonly args: Args;
  readonly options: Options & CommonOptions;
  readonly screen: Screen;
}) => Promise<Result>;

/**
 * Turns a command's work into a commander action: creates its screen, prints the document or the error, and sets the exit
 * code. With --json, stdout holds one document and nothing else; text for people goes to stderr.
 */
export function action<Args extends readonly unknown[], Options>(
  work: Work<Args, Options>,
): (this: Command) => Promise<void> {
  return async function run(this: Command) {
    const options = optionsOf(this) as Options & CommonOptions;
    const screen = createScreen(options.json ? process.stderr : process.stdout);
    try {
      const { exitCode, document } = await work({
        args: this.processedArgs as unknown as Args,
        options,
        screen,
      });
      if (options.json) printDocument(document);
      process.exitCode = exitCode;
    } catch (error) {
      screen.close();
      process.exitCode = reportError(error, options);
    } finally {
      screen.close();
    }
  };
}

/**
 * A command's options merged with those of its parent commands.
 * Given values win over defaults, and the command's own over its parents'.
 */
export function optionsOf(command: Command): Record<string, unknown> {
  const above = command.parent ? optionsOf(command.parent) : {};
  const own = Object.entries(command.opts()).filter(
    ([name]) => !(name in above) || command.getOptionValueSource(name) !== 'default',
  );
  return { ...above, ...Object.fromEntries(own) };
}

/** Prints an error to stderr or, for programs, as a document. */
export function reportError(error: unknown, { json, verbose }: CommonOptions): ExitCode {
  const { name, message, hint, exitCode } = explain(error, process.env);
  const whole = hint === null ? message : `${message}\n${hint}`;
  if (json) printDocument({ error: { name, message: whole } });
  else {
    const { paint } = createScreen(process.stderr);
    const title = exitCode === EXIT.interrupted ? '' : `${paint('red', name)}: `; // not a failure of Lifeboat
    process.stderr.write(`${title}${whole}\n`);
  }
  if (verbose && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  return exitCode;
}

function printDocument(document: unknown): void {
  process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
}
