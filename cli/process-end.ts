import { writeSync } from 'node:fs';
import { EXIT } from './exit-code.ts';
import { explain } from './explain.ts';
import { Shown } from './render/shown.ts';

/** The reader went away: of a pipe (`| head`), or the terminal itself was closed. The run continues. */
const GONE = new Set(['EPIPE', 'EIO', 'ERR_STREAM_DESTROYED']);

/** Keeps the program running when the reader of its output has ended. Any other failure to print is an error. */
export function outliveReaders(): void {
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (!GONE.has(error.code ?? '')) end(error);
    });
}

/**
 * Ends the program with the exit code of "not proven" when it breaks where no command catches it. Node's own code would be
 * 1, which says that a backup is bad.
 */
export function endOnDefect(): void {
  process.on('uncaughtException', end).on('unhandledRejection', end);
}

/** The output may be what broke, so this writes past it, at once, and once. */
function end(error: unknown): never {
  const { name, message, hint } = explain(error, process.env);
  const stack = error instanceof Error ? (error.stack ?? '').split('\n').slice(1, 6) : [];
  const lines = [`${name}: ${message.split('\n').join(' ')}`, ...stack, ...(hint?.split('\n') ?? [])];
  try {
    writeSync(2, `${lines.map((line) => Shown.of(line).plain).join('\n')}\n`);
  } catch {
    // Nobody can be told; the exit code remains.
  }
  process.exit(EXIT.notProven);
}
