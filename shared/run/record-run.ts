import type { Clock } from '../clock/clock.ts';
import { LifeboatError } from '../errors/lifeboat-error.ts';
import { type CheckedRun, readChecks } from '../evidence/checks-store.ts';
import { evidenceKey } from '../evidence/evidence-key.ts';
import { type AnnouncementNote, type Journal, noteOf, recordKey } from '../journal/journal.ts';
import type { DeployedPlan } from '../lambda/deployed-plan.ts';
import { type Email, email } from '../notify/email/email.ts';
import type { RunEnded } from '../notify/notifier.ts';
import { secondsBetween } from '../objectives/measure-recovery.ts';
import { visibleJson } from '../text/visible.ts';
import { ObjectExists, type Vault } from '../vault/vault.ts';
import { type Announcement, decideAnnouncement } from './announcement.ts';
import { composeEvidence } from './compose-evidence.ts';
import { type AnyEvidence, evidenceOf } from './evidence.ts';
import { fullReason } from './full-reason.ts';
import type { Kind } from './kind.ts';
import { KINDS, kindOf } from './kinds.ts';
import { needsAttention } from './outcome-lookup.ts';
import type { AnyReport } from './report.ts';
import { runEnded } from './run-ended.ts';

export interface RecordPorts extends DeployedPlan {
  readonly clock: Clock;
  readonly vault: Vault;
  /** Prefix of the evidence's address, for people: `s3://bucket`. */
  readonly vaultLocation: string;
  readonly journal: Journal;
  readonly publish: (evidence: AnyEvidence) => void;
}

/**
 * The values of the attribute by which subscriptions filter announcements. A recovery reaches those who heard of the failure as
 * well as those who hear of successes.
 */
export const OCCASIONS = ['succeeded', 'failed', 'recovered'] as const;

/** Where a run is recorded, and what the state machine announces. */
export interface Recorded extends Email {
  /** Where the evidence is. */
  readonly evidence: string;
  /** Whether to announce it: false for a failure that was announced already. */
  readonly announce: boolean;
  /** What to note in the journal once it is announced; null leaves what is noted. */
  readonly note: AnnouncementNote | null;
  /** Which channels hear of it: the value of the attribute that their subscriptions filter by. */
  readonly occasion: (typeof OCCASIONS)[number];
  /** The reason and the cause of the failure, for the end of an execution that fails. */
  readonly fullReason: string;
}

/** Another execution of this run left evidence before: what is locked stands, and this one cannot be recorded beside it. */
export class RunAlreadyRecorded extends LifeboatError {
  override readonly name = 'RunAlreadyRecorded';
  override readonly kind = 'conflict';
}

/**
 * Records a run: evidence first, because it is the truth, then the journal, then metrics. Recorded again (a retried step),
 * the evidence that stands is kept and the journal is closed from it.
 *
 * @returns a function that answers where the evidence is and what to announce
 * @throws RunAlreadyRecorded if another execution left evidence of the run
 */
export function createRecordRun(ports: RecordPorts, kinds: readonly Kind[] = KINDS) {
  const { clock, vault, journal } = ports;
  return async function recordRun(report: AnyReport): Promise<Recorded> {
    const kind = kindOf(report.machine, kinds);
    const checked = checkedIn(kind, report);
    const checks = checked ? await readChecks(vault, checked) : [];
    const composed = composeEvidence(ports, kind, report, checks, clock.now());
    const evidence = await writeOnce(ports, composed, kinds);
    const location = `${ports.vaultLocation}/${evidenceKey(report.machine, report.runId)}`;
    await journal.close(recordKey(report.machine, report), {
      status: evidence.outcome,
      reason: evidence.reason,
      recoveryPoint: evidence.recoveryPoint,
      evidence: location,
      finishedAt: evidence.finishedAt,
      rpoSeconds: evidence.objectives?.rpo.seconds ?? null,
      rtoSeconds: evidence.objectives?.rto.seconds ?? null,
      label: kind.labelled?.(evidence)?.label ?? null,
    });
    await noteRecoveryPoint(ports, kind, evidence);
    ports.publish(evidence);
    const fact = runEnded(evidence, location, kinds);
    const { announce, recoveredSince, note } = await announcementOf(journal, evidence, kinds);
    return {
      evidence: location,
      ...email.compose(recoveredSince === null ? fact : recovered(fact, recoveredSince)),
      announce,
      note,
      occasion: recoveredSince === null ? fact.occasion : 'recovered',
      fullReason: fullReason(evidence),
    };
  };
}

/** Decides whether to announce the run. Where the journal cannot be asked, the run is announced. */
async function announcementOf(
  journal: Journal,
  evidence: AnyEvidence,
  kinds: readonly Kind[],
): Promise<Pick<Announcement, 'announce' | 'recoveredSince'> & Pick<Recorded, 'note'>> {
  const { machine, subject, runId, startedAt: runStartedAt } = evidence;
  try {
    const record = await journal.find(recordKey(machine, { runId, runStartedAt }));
    const series = { machine, subject, backup: record?.backup };
    const ended = { ...evidence, needsAttention: needsAttention(evidence, kinds) };
    const { keep, ...decided } = decideAnnouncement(ended, await journal.announced(series));
    return { ...decided, note: keep && noteOf(series, keep) };
  } catch {
    return { announce: true, recoveredSince: null, note: null };
  }
}

function recovered(fact: RunEnded, since: string): RunEnded {
  const text = `yes, the runs before it had failed since ${since}`;
  return { ...fact, details: [{ label: 'recovered', text }, ...fact.details] };
}

/** Notes what the run did with a recovery point: it took one, perhaps with a label, verified one, or read one. */
async function noteRecoveryPoint(
  { journal, plan }: Pick<RecordPorts, 'journal' | 'plan'>,
  kind: Kind,
  evidence: AnyEvidence,
): Promise<void> {
  const { runId, startedAt, finishedAt } = evidence;
  const taken = kind.taken?.(evidence);
  if (taken) {
    const { bytes, ...name } = taken;
    const seconds = secondsBetween(startedAt, finishedAt);
    await journal.noteRecoveryPoint(name, { taken: { runId, seconds, bytes } });
  }
  const labelled = kind.labelled?.(evidence);
  if (labelled) {
    const { label, ...name } = labelled;
    await journal.noteRecoveryPoint(name, { label });
  }
  const verified = kind.verified?.(evidence, plan);
  if (verified) await journal.noteRecoveryPoint(verified, { verified: { runId, at: finishedAt } });
  const read = kind.read?.(evidence);
  if (read) await journal.noteRecoveryPoint(read, { read: { runId, at: finishedAt } });
}

/**
 * The execution whose checks the evidence takes in: an earlier one, where that validated the copy which this one found handed over.
 * Null while no step that leaves checks has answered. To ask for an object that may be missing needs more rights.
 */
function checkedIn({ steps }: Kind, report: AnyReport): CheckedRun | null {
  const { machine, runId, runStartedAt } = report;
  const answers: Readonly<Record<string, unknown>> = report.steps;
  for (const [name, { leavesChecks }] of Object.entries(steps)) {
    const answer = answers[name] as Validated & { validated?: Validated | null };
    // Null where a hand-over did not come so far that it knows.
    if (leavesChecks && answer && answer.validated !== null)
      return { machine, runId, runStartedAt: (answer.validated ?? answer).runStartedAt ?? runStartedAt };
  }
  return null;
}

interface Validated {
  readonly runStartedAt?: string;
}

async function writeOnce(
  { plan, vault }: Pick<RecordPorts, 'plan' | 'vault'>,
  evidence: AnyEvidence,
  kinds: readonly Kind[],
): Promise<AnyEvidence> {
  const key = evidenceKey(evidence.machine, evidence.runId);
  const lockedUntil = new Date(Date.parse(evidence.finishedAt) + plan.vault.evidenceRetention);
  try {
    await vault.put(key, visibleJson(evidence), { contentType: 'application/json', lockedUntil });
    return evidence;
  } catch (error) {
    if (!(error instanceof ObjectExists)) throw error;
    const recorded = evidenceOf(kinds).parse(JSON.parse((await vault.read(key)).toString('utf8')));
    if (recorded.executionArn !== evidence.executionArn)
      throw new RunAlreadyRecorded(
        `run "${evidence.runId}" was recorded as "${recorded.outcome}" by ${recorded.executionArn}: start this one under another run id`,
        { cause: error },
      );
    return recorded;
  }
}
