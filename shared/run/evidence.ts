import * as z from 'zod';
import { Incident } from '../evidence/incident.ts';
import { Measure, secondsBetween, WorstLoss } from '../objectives/measure-recovery.ts';
import { Phase } from '../progress/phase.ts';
import { Account } from '../replay/account/account.ts';
import { CheckResult } from '../validation/verdict.ts';
import { byKind, type OfKind } from './by-kind.ts';
import type { Kind } from './kind.ts';
import { KINDS, type KnownKind } from './kinds.ts';

/** What the evidence of every kind of run holds. */
const Common = z.object({
  format: z.literal('lifeboat-evidence-1'),
  runId: z.string(),
  executionArn: z.string(),
  startedBy: z.string(),
  startedAt: z.iso.datetime(),
  finishedAt: z.iso.datetime(),
  workload: z.string(),
  /** What the run was about: a database, a dead-letter queue or a rehydration of the plan. */
  subject: z.string(),
  planVersion: z.string(),
  reason: z.string(),
  /** The error of the step that failed the run, its cause in words. */
  failure: z.object({ error: z.string(), cause: z.string() }).nullable(),
  /** What the run left on a server that is not ours to keep, in words. Evidence of the first versions does not say. */
  leftBehind: z.string().nullish(),
  incident: Incident.nullable(),
  recoveryPoint: z.string().nullable(),
  /** Seconds each step took, in order. A step that failed or was never reached is absent. */
  phases: z.array(z.object({ name: z.string(), seconds: z.number() })),
  checks: z.array(CheckResult),
  /** Null for a run that handles no messages, or did not come to count them. */
  account: Account.nullable(),
  /** Null where nothing was recovered: recovery is measured by recovering. */
  objectives: z
    .object({
      scenario: z.string(),
      rpo: Measure,
      /** Until the data could be used as before: validated, and for an instance every block read. */
      rto: Measure,
      /** Until RDS called the instance available; absent where none was made. */
      available: Measure.optional(),
      worstLoss: WorstLoss.optional(),
    })
    .nullable(),
});

/** What a run of one of Lifeboat's own kinds leaves: written once, locked, complete by itself. A union by `machine`. */
export type Evidence = z.output<typeof Common> & OfKind<KnownKind>;

/** The evidence of the kind of that name. */
export type EvidenceOf<Name extends KnownKind['name']> = Extract<Evidence, { readonly machine: Name }>;

/** Evidence of any kind, for what is derived from the list of kinds. */
export type AnyEvidence = z.output<typeof Common> & OfKind<Kind>;

/** What a run leaves, for any of the kinds. */
export const evidenceOf = <Of extends Kind>(kinds: readonly Of[]) => byKind(Common, kinds);

export const Evidence: z.ZodType<Evidence> = evidenceOf(KINDS);

/** Reads how long each finished step took. */
export function phasesOf(steps: Readonly<Record<string, unknown>>): AnyEvidence['phases'] {
  return Object.entries(steps).flatMap(([name, step]) => {
    const phase = Phase.safeParse(step);
    if (!phase.success) return [];
    return [{ name, seconds: secondsBetween(phase.data.startedAt, phase.data.finishedAt) }];
  });
}
