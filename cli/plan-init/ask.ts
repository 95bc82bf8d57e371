import { createInterface } from 'node:readline/promises';
import { isAttended } from '../environment.ts';
import { Interrupted } from '../interruption.ts';
import { WrongUsage } from '../usage.ts';
import type { Ask } from './collect.ts';

/** Whether a person can be asked: both ends are a terminal, and no CI server holds them. */
export function canAsk(): boolean {
  return isAttended(process.env, process.stdin, process.stdout);
}

/**
 * Runs work that asks a person at the terminal. Questions go to stdout.
 *
 * @throws Interrupted on Ctrl-C; WrongUsage when the input ends before the questions do
 */
export async function asking<T>(work: (ask: Ask) => Promise<T>): Promise<T> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const ended = new AbortController();
  let interrupted = false;
  terminal.on('SIGINT', () => {
    interrupted = true;
    ended.abort();
  });
  terminal.on('close', () => ended.abort());
  try {
    return await work((words, ordinary) =>
      terminal.question(`  ${words}${ordinary === undefined ? '' : ` [${ordinary}]`}: `, {
        signal: ended.signal,
      }),
    );
  } catch (error) {
    if (!ended.signal.aborted) throw error;
    process.stdout.write('\n');
    throw interrupted
      ? new Interrupted('Interrupted: nothing was written.')
      : new WrongUsage('the answers ended before the questions did: nothing was written');
  } finally {
    terminal.close();
  }
}
