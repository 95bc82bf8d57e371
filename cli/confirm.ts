import { createInterface } from 'node:readline/promises';
import { isAttended } from './environment.ts';
import { Interrupted } from './interruption.ts';
import { Shown } from './render/shown.ts';
import { WrongUsage } from './usage.ts';

/** What a command says of itself where the answer is not yes. */
interface Instead {
  /** What was not done. */
  readonly nothingDone?: string;
  /** How to see first what would be done. */
  readonly look?: string;
}

/**
 * Asks before something that cannot be taken back. Anything but yes ends the command. Where nobody can be asked, --yes is
 * needed, as for `terraform apply` and `fly deploy`: a script says by it that it means it.
 *
 * The question goes to stderr, so that it is seen when stdout is piped or a document.
 *
 * @throws WrongUsage without a terminal and without --yes; Interrupted where the answer is no
 */
export async function confirm(
  question: string,
  { yes }: { readonly yes?: true },
  { nothingDone = 'Nothing was sent.', look = '--dry-run' }: Instead = {},
): Promise<void> {
  if (yes) return;
  if (!isAttended(process.env, process.stdin, process.stderr))
    throw new WrongUsage(`${question}: nobody can be asked here. Add --yes, or look first with ${look}`);
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const ended = new AbortController();
    terminal.on('SIGINT', () => ended.abort()).on('close', () => ended.abort());
    const answer = await terminal
      .question(`${Shown.of(question).plain}? [y/N] `, { signal: ended.signal })
      .catch(() => '');
    if (!/^\s*y(es)?\s*$/i.test(answer)) throw new Interrupted(nothingDone);
  } finally {
    terminal.close();
  }
}
