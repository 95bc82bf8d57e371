import type { Kind, Outcome } from '../shared/run/kind.ts';
import { KINDS } from '../shared/run/kinds.ts';
import type { RunEnd } from '../shared/status/execution-events.ts';

/** The meaning of the process's exit code. A script can tell a bad backup from a broken harness. */
export const EXIT = {
  /** The run achieved its purpose; the plan is valid. */
  good: 0,
  /** A finding: the backup failed or was rejected, the replay stopped itself. */
  bad: 1,
  /** The call, the plan or the deployment must be fixed first. */
  usage: 2,
  /** The result is unknown: the run could not be proven, recorded or followed. Or a copy of the database stayed behind. */
  notProven: 3,
  /** Ctrl-C: the command stopped following the run. */
  interrupted: 130,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** A run that ended, as far as its exit code depends on it. */
interface EndedRun {
  readonly end: RunEnd;
  /** Null where the run left none. */
  readonly evidence: { readonly leftBehind?: string | null | undefined } | null;
}

/**
 * The exit code for how a run ended. A `Fail` state that no kind lists as a finding points to the harness.
 *
 * A good run that left its copy behind is not good: a person has to look, as the e-mail and the alarm say too.
 */
export function exitCodeOf(
  { end: { status, error }, evidence }: EndedRun,
  kinds: readonly Kind[] = KINDS,
): ExitCode {
  if (status === 'SUCCEEDED') return evidence?.leftBehind ? EXIT.notProven : EXIT.good;
  const finding = outcomesOf(kinds).some((outcome) => outcome.exit === 'bad' && outcome.fail === error);
  return status === 'FAILED' && finding ? EXIT.bad : EXIT.notProven;
}

/** The table of exit codes, for help texts. */
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
  3    ${wordsOf('not-proven')}: the run broke off, or could not be recorded or followed; or it left a copy of the
       database behind; or Lifeboat itself broke, which it says
  130  Ctrl-C; a run that was started goes on`;
}

export const EXIT_CODES_HELP = exitCodesHelp();

function outcomesOf(kinds: readonly Kind[]): Outcome[] {
  return kinds.flatMap(({ outcomes }) => Object.values(outcomes));
}
