import type { Command } from 'commander';
import { visibleJson } from '../shared/text/visible.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { explain } from './explain.ts';
import { endWhenInterrupted } from './interruption.ts';
import { createScreen, type Screen } from './render/screen.ts';
import { quoted, Shown, shown } from './render/shown.ts';

/** Options that every command has. */
export interface CommonOptions {
  readonly json?: true;
  readonly verbose?: true;
  readonly quiet?: true;
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
    const { json, quiet = false } = options;
    const screen = createScreen(json ? process.stderr : process.stdout, { quiet });
    // Without it a program that reads the document would get none.
    if (json) endWhenInterrupted((error) => reportError(error, options));
    try {
      const { exitCode, document } = await work({
        args: this.processedArgs as unknown as Args,
        options,
        screen,
      });
      if (json) printDocument(document);
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
  if (json) printDocument({ error: { name, message: hint === null ? message : `${message}\n${hint}` } });
  else {
    const screen = createScreen(process.stderr);
    const [first = '', ...more] = message.split('\n');
    // Ctrl-C is not a failure of Lifeboat.
    const title = exitCode === EXIT.interrupted ? '' : shown`${screen.paint('red', name)}: `;
    screen.line(shown`${title}${first}`);
    // A message may quote text from outside. Behind the bar, no line of it looks like one of ours.
    if (more.length > 0) screen.line(quoted(more.join('\n')));
    for (const line of hint === null ? [] : hint.split('\n')) screen.line(line);
  }
  if (verbose && error instanceof Error) createScreen(process.stderr).line(stackOf(error));
  return exitCode;
}

/** The stack with all causes. */
function stackOf(error: Error): Shown {
  const own = quoted(error.stack ?? String(error));
  return error.cause instanceof Error
    ? Shown.join([own, shown`  caused by:`, stackOf(error.cause)], '\n')
    : own;
}

function printDocument(document: unknown): void {
  process.stdout.write(`${visibleJson(document)}\n`);
}
