import type { RunEnd } from './follow/events.ts';

/** What the process's exit code says. A script can tell a bad backup from a harness that failed. */
export const EXIT = {
  /** Taken, verified, replayed, rehydrated, or looked at by a dry run; the plan is right. */
  good: 0,
  /** The backup or the rehydration failed, the restore test rejected, the replay stopped itself. */
  bad: 1,
  /** The call, the plan or the deployment has to be put right first. */
  usage: 2,
  /** Nothing is known: the run could not be proven, recorded or followed. */
  notProven: 3,
  /** Ctrl-C: the run was no longer followed. */
  interrupted: 130,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** The `Fail` states that are a finding; every other end says something about the harness. */
const FINDINGS: ReadonlySet<string> = new Set([
  'BackupFailed',
  'RestoreRejected',
  'ReplayStopped',
  'RehydrationFailed',
]);

/** How a run ended, as an exit code. */
export function exitCodeOf({ status, error }: RunEnd): ExitCode {
  if (status === 'SUCCEEDED') return EXIT.good;
  return status === 'FAILED' && error !== null && FINDINGS.has(error) ? EXIT.bad : EXIT.notProven;
}

/** The table of exit codes, for helps. */
export const EXIT_CODES_HELP = `
Exit codes:
  0    taken, verified, replayed, rehydrated, or nothing to complain about
  1    the backup or the rehydration failed, the restore test rejected, or the replay stopped itself and lost nothing
  2    wrong call, wrong plan, or nothing deployed where it was looked for
  3    not proven: the run broke off, or could not be recorded or followed
  130  Ctrl-C; a run that was started goes on`;
