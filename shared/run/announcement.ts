import type { Announced } from '../journal/journal.ts';
import type { AnyEvidence } from './evidence.ts';

/**
 * After this time a failure that stays is announced again. Shorter than a day, because a nightly run does not end at the same
 * second every night.
 */
const REPEATED_AFTER_MS = 23 * 3_600_000;

/** What the decision looks at of a run that has ended. */
export type EndedRun = Pick<
  AnyEvidence,
  'runId' | 'startedBy' | 'finishedAt' | 'outcome' | 'reason' | 'failure' | 'leftBehind'
> & {
  readonly checks: readonly Pick<AnyEvidence['checks'][number], 'name' | 'outcome'>[];
  /** Whether a person has to act. */
  readonly needsAttention: boolean;
};

export interface Announcement {
  readonly announce: boolean;
  /** Since when the earlier runs had failed, if this is the first success after them. ISO 8601. */
  readonly recoveredSince: string | null;
  /** What to keep for the runs after this one; null leaves what is kept. */
  readonly keep: Announced | null;
}

/**
 * Pure: decides whether a run is announced. A success is, and the first one after failures says so. A failure is announced
 * unless the same failure was announced within a day, and no success since. What a person started is always announced, because
 * a person waits for it. Asked again about the run that was announced last, the answer is the same.
 *
 * @param last what was announced of earlier runs about the same; null if nothing was
 */
export function decideAnnouncement(run: EndedRun, last: Announced | null): Announcement {
  const { runId, finishedAt } = run;
  if (last?.runId === runId) return { announce: true, recoveredSince: last.recoveredSince, keep: null };
  if (!run.needsAttention) {
    const recoveredSince = last?.failingSince ?? null;
    const recovered = { runId, failingSince: null, failures: [], recoveredSince };
    return { announce: true, recoveredSince, keep: recoveredSince === null ? null : recovered };
  }
  const way = wayToFail(run);
  const recent = (last?.failures ?? []).filter(
    ({ at }) => Date.parse(finishedAt) - Date.parse(at) < REPEATED_AFTER_MS,
  );
  if (startedByItself(run) && recent.some((announced) => announced.way === way))
    return { announce: false, recoveredSince: null, keep: null };
  const others = recent.filter((announced) => announced.way !== way);
  return {
    announce: true,
    recoveredSince: null,
    keep: {
      runId,
      failingSince: last?.failingSince ?? finishedAt,
      failures: [...others, { way, at: finishedAt }],
      recoveredSince: null,
    },
  };
}

/** Whether a schedule or an alarm started the run. resources/schedules.ts and shared/recovery name themselves like this. */
export function startedByItself({ startedBy }: Pick<EndedRun, 'startedBy'>): boolean {
  return /^(?:schedule|alarm) /.test(startedBy);
}

const LONGEST_WAY = 300;

/**
 * How a run failed, so that two runs compare: outcome, error, failed checks, and the beginning of the reason. Numbers and what
 * follows a colon differ from run to run: `the canary failed: 3 different messages`.
 */
function wayToFail({ outcome, reason, failure, leftBehind, checks }: EndedRun): string {
  const [beginning = ''] = reason.split(/[:;]/);
  const failed = checks.filter((check) => check.outcome !== 'passed').map(({ name }) => name);
  const parts = [
    outcome,
    failure?.error ?? '',
    beginning.replace(/\d[\d.,]*/g, '#'),
    leftBehind ? 'left behind' : '',
    ...failed.sort(),
  ];
  return parts.join('|').slice(0, LONGEST_WAY);
}
