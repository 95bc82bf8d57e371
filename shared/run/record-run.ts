import * as z from 'zod';
import type { Clock } from '../clock/clock.ts';
import { LifeboatError } from '../errors/lifeboat-error.ts';
import { readChecks } from '../evidence/checks-store.ts';
import { Evidence, evidenceKey, Incident, Outcome, phasesOf } from '../evidence/evidence.ts';
import { type Journal, recordKey } from '../journal/journal.ts';
import type { DeployedPlan } from '../lambda/deployed-plan.ts';
import { type Announcement, announce } from '../notify/announcement.ts';
import { measureRecovery } from '../objectives/measure-recovery.ts';
import { NotInPlan, replayOf, restoreTestOf } from '../plan/lookup.ts';
import type { Plan } from '../plan/schema.ts';
import type { Objective } from '../plan/sections/objectives.ts';
import { RunReference } from '../progress/run-reference.ts';
import { Account } from '../replay/account/account.ts';
import { ObjectExists, type Vault } from '../vault/vault.ts';
import { Machine } from './machine.ts';
import { CaughtError, unwrapFailure } from './unwrap-cause.ts';

/** What a state machine reports at its end. A fact there is none of, and a step that was never reached, are absent. */
export const RunReport = RunReference.extend({
  machine: Machine,
  executionArn: z.string(),
  startedBy: z.string(),
  /** A database, a restore test, a replay or a rehydration of the plan. */
  subject: z.string(),
  outcome: Outcome,
  reason: z.string(),
  facts: z.object({
    recoveryPoint: z.string().optional(),
    incident: Incident.optional(),
  }),
  /** The error of the step that failed the run; null where none did. */
  failure: CaughtError.nullable(),
  /** What each step answered, by its name. A step that failed, without which the run went on, has `failure` instead. */
  steps: z.record(z.string(), z.record(z.string(), z.unknown())),
});
export type RunReport = z.infer<typeof RunReport>;

export interface RecordPorts extends DeployedPlan {
  readonly clock: Clock;
  readonly vault: Vault;
  /** Prefix of the evidence's address, for people: `s3://bucket`. */
  readonly vaultLocation: string;
  readonly journal: Journal;
  readonly publish: (evidence: Evidence) => void;
}

export interface Recorded extends Announcement {
  /** Where the evidence lies. */
  readonly evidence: string;
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
 * @returns where the evidence lies and what to announce
 * @throws RunAlreadyRecorded where the evidence that stands is another execution's
 */
export function createRecordRun(ports: RecordPorts) {
  const { plan, version, clock, vault, journal } = ports;
  return async function recordRun(report: RunReport): Promise<Recorded> {
    const key = evidenceKey(report.machine, report.runId);
    // The checks exist once the validation has answered; to ask for an object that may be missing needs more rights.
    const checks = report.steps.validate ? await readChecks(vault, report.runId) : [];
    const composed = composeEvidence(plan, version, report, checks, clock.now());
    const evidence = await writeOnce(vault, key, composed, plan.vault.evidenceRetention);
    const location = `${ports.vaultLocation}/${key}`;
    await journal.close(recordKey(report.machine, report), {
      status: evidence.outcome,
      reason: evidence.reason,
      recoveryPoint: evidence.recoveryPoint,
      evidence: location,
      finishedAt: evidence.finishedAt,
      rpoSeconds: evidence.objectives?.rpo.seconds ?? null,
      rtoSeconds: evidence.objectives?.rto.seconds ?? null,
    });
    ports.publish(evidence);
    return { evidence: location, ...announce(evidence, location), fullReason: fullReason(evidence) };
  };
}

/** Step Functions keeps at most 32,768 characters. */
const LONGEST_REASON = 32_000;

/** `the database was not copied: DatabaseUnreachable: no route`: how a run ended, and the cause where something failed. */
export function fullReason({ reason, failure }: Pick<Evidence, 'reason' | 'failure'>): string {
  return (failure ? `${reason}: ${failure.cause}` : reason).slice(0, LONGEST_REASON);
}

async function writeOnce(
  vault: Vault,
  key: string,
  evidence: Evidence,
  retention: number,
): Promise<Evidence> {
  const lockedUntil = new Date(Date.parse(evidence.finishedAt) + retention);
  try {
    await vault.put(key, JSON.stringify(evidence, null, 2), { contentType: 'application/json', lockedUntil });
    return evidence;
  } catch (error) {
    if (!(error instanceof ObjectExists)) throw error;
    const standing = Evidence.parse(JSON.parse((await vault.read(key)).toString('utf8')));
    if (standing.executionArn !== evidence.executionArn)
      throw new RunAlreadyRecorded(
        `run "${evidence.runId}" was recorded as "${standing.outcome}" by ${standing.executionArn}: start this one under another run id`,
        { cause: error },
      );
    return standing;
  }
}

/** Pure: the evidence of a report. */
export function composeEvidence(
  plan: Plan,
  planVersion: string,
  report: RunReport,
  checks: Evidence['checks'],
  now: Date,
): Evidence {
  const { runStartedAt, facts, ...told } = report;
  const steps = withCausesInWords(report.steps);
  return {
    format: 'lifeboat-evidence-1',
    ...told,
    startedAt: runStartedAt,
    finishedAt: now.toISOString(),
    workload: plan.workload,
    planVersion,
    recoveryPoint: facts.recoveryPoint ?? null,
    incident: facts.incident ?? null,
    failure: told.failure && unwrapFailure(told.failure),
    phases: phasesOf(steps),
    steps,
    checks,
    account: Settled.safeParse(steps.account).data?.account ?? null,
    objectives: objectivesOf(plan, report),
  };
}

/** Steps as people read them: those that failed have their cause in words. */
function withCausesInWords(steps: RunReport['steps']): RunReport['steps'] {
  return Object.fromEntries(
    Object.entries(steps).map(([name, step]) => {
      const failed = FailedStep.safeParse(step).data;
      return [name, failed ? { ...step, failure: unwrapFailure(failed.failure) } : step];
    }),
  );
}

const FailedStep = z.object({ failure: CaughtError });

/** What settle-account answers, as far as it is evidence of its own. */
const Settled = z.object({ account: Account, left: z.int(), finishedAt: z.iso.datetime() });

/** A run that was asked for what the plan does not have failed, and is recorded all the same. */
function objectivesOf(plan: Plan, report: RunReport): Evidence['objectives'] {
  try {
    if (report.machine === 'restore-test') return measureRestore(plan, report);
    return report.machine === 'replay' ? measureReplay(plan, report) : null;
  } catch (error) {
    if (error instanceof NotInPlan) return null;
    throw error;
  }
}

function measureRestore(plan: Plan, report: RunReport): Evidence['objectives'] {
  const validated = report.steps.validate;
  const verified = report.outcome === 'verified';
  return measureAgainst(plan, report, restoreTestOf(plan, report.subject).scenario, {
    recoveredTo: verified ? text(validated?.recoveredTo) : null,
    usableAt: verified ? text(validated?.finishedAt) : null,
  });
}

/**
 * The events of an outage are recovered when the queue is empty: each is with its receiver, or in quarantine for a person to
 * look at. Only where none is in quarantine it is known that nothing was lost.
 */
function measureReplay(plan: Plan, report: RunReport): Evidence['objectives'] {
  const settled = Settled.safeParse(report.steps.account).data;
  const emptied = report.outcome === 'replayed' && settled?.left === 0 ? settled : null;
  const onset = report.facts.incident?.failedAt ?? report.runStartedAt;
  return measureAgainst(plan, report, replayOf(plan, report.subject).scenario, {
    recoveredTo: emptied?.account.quarantined === 0 ? onset : null,
    usableAt: emptied?.finishedAt ?? null,
  });
}

function measureAgainst(
  plan: Plan,
  report: RunReport,
  planned: string,
  recovery: { recoveredTo: string | null; usableAt: string | null },
): Evidence['objectives'] {
  const incident = report.facts.incident ?? null;
  const scenario = incident?.scenario ?? planned;
  const target: Objective = plan.objectives.scenarios[scenario] ?? plan.objectives;
  return { scenario, ...measureRecovery({ startedAt: report.runStartedAt, incident, target, ...recovery }) };
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
