import type { Evidence } from '../evidence/evidence.ts';
import type { Measure } from '../objectives/measure-recovery.ts';
import { formatDuration } from '../plan/values/duration.ts';
import { inWords } from '../replay/account/account.ts';

/** A message to the people whom the plan names. */
export interface Announcement {
  /** At most 99 characters of ASCII: SNS refuses more. https://docs.aws.amazon.com/sns/latest/api/API_Publish.html */
  readonly subject: string;
  readonly message: string;
}

const WORDS: Record<Exclude<Evidence['outcome'], 'failed' | 'not-proven'>, string> = {
  taken: 'backup taken',
  verified: 'restore verified',
  rejected: 'BACKUP REJECTED',
  replayed: 'replayed',
  'dry-run': 'dry run',
  stopped: 'REPLAY STOPPED',
  rehydrated: 'queue filled again',
};

/** `backup taken`, `RESTORE NOT PROVEN`: what needs somebody is in capitals. */
export function outcomeInWords({ machine, outcome }: Pick<Evidence, 'machine' | 'outcome'>): string {
  if (outcome === 'failed') return machine === 'backup' ? 'BACKUP FAILED' : 'QUEUE NOT FILLED';
  if (outcome === 'not-proven') return machine === 'replay' ? 'REPLAY NOT PROVEN' : 'RESTORE NOT PROVEN';
  return WORDS[outcome];
}

/** Machines whose runs are about a recovery point. */
const KEEPS_POINTS: ReadonlySet<string> = new Set(['backup', 'restore-test']);

/** Says in a few lines what a run found and where its evidence lies. */
export function announce(evidence: Evidence, evidenceLocation: string): Announcement {
  const subject = `Lifeboat: ${evidence.workload}/${evidence.subject}: ${outcomeInWords(evidence)}`;
  const lines = [
    `${evidence.outcome}: ${evidence.reason}`,
    '',
    ...(evidence.objectives
      ? [`RPO ${describe(evidence.objectives.rpo)}`, `RTO ${describe(evidence.objectives.rto)}`]
      : []),
    ...(evidence.account ? [inWords(evidence.account)] : []),
    ...(KEEPS_POINTS.has(evidence.machine) ? [`Recovery point: ${evidence.recoveryPoint ?? 'none'}`] : []),
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
