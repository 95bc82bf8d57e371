import type { Evidence, Measure } from '../journal/evidence.ts';
import { formatDuration } from '../plan/duration.ts';

/** A message to the people whom the plan names. */
export interface Announcement {
  /** At most 99 characters of ASCII: SNS refuses more. https://docs.aws.amazon.com/sns/latest/api/API_Publish.html */
  readonly subject: string;
  readonly message: string;
}

const WORDS: Record<Evidence['outcome'], string> = {
  taken: 'backup taken',
  failed: 'BACKUP FAILED',
  verified: 'restore verified',
  rejected: 'BACKUP REJECTED',
  'not-proven': 'RESTORE NOT PROVEN',
};

/** Says in a few lines what a run found and where its evidence lies. */
export function announce(evidence: Evidence, evidenceLocation: string): Announcement {
  const subject = `Lifeboat: ${evidence.workload}/${evidence.database}: ${WORDS[evidence.outcome]}`;
  const lines = [
    `${evidence.outcome}: ${evidence.reason}`,
    '',
    ...(evidence.objectives
      ? [`RPO ${describe(evidence.objectives.rpo)}`, `RTO ${describe(evidence.objectives.rto)}`]
      : []),
    `Recovery point: ${evidence.recoveryPoint ?? 'none'}`,
    `Started by: ${evidence.startedBy} at ${evidence.startedAt}`,
    `Evidence: ${evidenceLocation}`,
  ];
  return { subject: subject.replace(/[^\x20-\x7e]/g, '?').slice(0, 99), message: lines.join('\n') };
}

/** A measure in words: `12s, target 15m: met (measured)`. */
export function describe({ basis, seconds, targetSeconds, met }: Measure): string {
  const target = `target ${formatDuration(targetSeconds * 1000)}`;
  if (seconds === null) return `not measured, ${target}`;
  return `${formatDuration(Math.round(seconds * 1000))}, ${target}: ${met ? 'met' : 'MISSED'} (${basis})`;
}
