import * as z from 'zod';
import { Measure, secondsBetween } from '../objectives/measure-recovery.ts';
import { Phase } from '../progress/phase.ts';
import { Account } from '../replay/account/account.ts';
import { Machine } from '../run/machine.ts';
import { CheckResult } from '../validation/verdict.ts';

/**
 * How a run ended. A backup: `taken`, `failed`. A restore test: `verified`, `rejected`, `not-proven`. A replay: `replayed`,
 * `dry-run`, `stopped` (it stopped itself, and lost nothing), `not-proven`. A rehydration: `rehydrated`, `failed`.
 */
export const Outcome = z.enum([
  'taken',
  'failed',
  'verified',
  'rejected',
  'not-proven',
  'replayed',
  'dry-run',
  'stopped',
  'rehydrated',
]);
export type Outcome = z.infer<typeof Outcome>;

/** The disaster that a run answers; a scheduled test has none. */
export const Incident = z.object({
  /** Onset: when the source was lost. */
  failedAt: z.iso.datetime(),
  /** Which of the plan's scenarios it is; the restore test's own where absent. */
  scenario: z.string().optional(),
});
export type Incident = z.infer<typeof Incident>;

/** What a run leaves for whoever asks later: written once, locked, complete by itself. */
export const Evidence = z.object({
  format: z.literal('lifeboat-evidence-1'),
  machine: Machine,
  runId: z.string(),
  executionArn: z.string(),
  startedBy: z.string(),
  startedAt: z.iso.datetime(),
  finishedAt: z.iso.datetime(),
  workload: z.string(),
  /** What the run was about: a database, a restore test, a replay or a rehydration of the plan. */
  subject: z.string(),
  planVersion: z.string(),
  outcome: Outcome,
  reason: z.string(),
  /** The error of the step that failed, as the state machine saw it. */
  failure: z.object({ error: z.string(), cause: z.string() }).nullable(),
  incident: Incident.nullable(),
  recoveryPoint: z.string().nullable(),
  /** Seconds each step took, in order. A step that failed or was never reached is absent. */
  phases: z.array(z.object({ name: z.string(), seconds: z.number() })),
  /** What each step reported, as it reported it. */
  steps: z.record(z.string(), z.record(z.string(), z.unknown())),
  checks: z.array(CheckResult),
  /** Of a replay that came to count. */
  account: Account.nullable(),
  /** Null where nothing was recovered: recovery is measured by recovering. */
  objectives: z.object({ scenario: z.string(), rpo: Measure, rto: Measure }).nullable(),
});
export type Evidence = z.infer<typeof Evidence>;

/** Reads how long each finished step took. */
export function phasesOf(steps: Readonly<Record<string, unknown>>): Evidence['phases'] {
  return Object.entries(steps).flatMap(([name, step]) => {
    const phase = Phase.safeParse(step);
    if (!phase.success) return [];
    return [{ name, seconds: secondsBetween(phase.data.startedAt, phase.data.finishedAt) }];
  });
}

/** Where the evidence of a run lies in the vault. */
export function evidenceKey(machine: string, runId: string): string {
  return `evidence/${machine}/${runId}/run.json`;
}

/** Where a restore test leaves all its checks until the evidence takes them in: they may be too many for a task's answer. */
export function checksKey(runId: string): string {
  return `evidence/restore-test/${runId}/checks.json`;
}
