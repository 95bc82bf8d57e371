import type { Kind, Outcome } from '../shared/run/kind.ts';
import { KINDS } from '../shared/run/kinds.ts';
import type { RunEnd } from '../shared/status/execution-events.ts';

/** What the process's exit code says. A script can tell a bad backup from a harness that failed. */
export const EXIT = {
  /** The run did what it was started for; the plan is right. */
  good: 0,
  /** A finding: the backup failed or was rejected, the replay stopped itself. */
  bad: 1,
  /** The call, the plan or the deployment has to be put right first. */
  usage: 2,
  /** Nothing is known: the run could not be proven, recorded or followed. */
  notProven: 3,
  /** Ctrl-C: the run was no longer followed. */
  interrupted: 130,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** How a run ended, as an exit code. A `Fail` state that no kind calls a finding says something about the harness. */
export function exitCodeOf({ status, error }: RunEnd, kinds: readonly Kind[] = KINDS): ExitCode {
  if (status === 'SUCCEEDED') return EXIT.good;
  const finding = outcomesOf(kinds).some((outcome) => outcome.exit === 'bad' && outcome.fail === error);
  return status === 'FAILED' && finding ? EXIT.bad : EXIT.notProven;
}

/** The table of exit codes, for helps. */
export function exitCodesHelp(kinds: readonly Kind[] = KINDS): string {
  const wordsOf = (exit: Outcome['exit']) => {
    const words = outcomesOf(kinds).filter((outcome) => outcome.exit === exit);
    return [...new Set(words.map((outcome) => outcome.words))].join(', ');
  };
  return `
Exit codes:
  0    ${wordsOf('good')}, or nothing to complain about
  1    ${wordsOf('bad')}
  2    wrong call, wrong plan, or nothing deployed where it was looked for
  3    ${wordsOf('not-proven')}: the run broke off, or could not be recorded or followed
  130  Ctrl-C; a run that was started goes on`;
}

export const EXIT_CODES_HELP = exitCodesHelp();

function outcomesOf(kinds: readonly Kind[]): Outcome[] {
  return kinds.flatMap(({ outcomes }) => Object.values(outcomes));
}
