import * as z from 'zod';
import { Incident } from '../evidence/incident.ts';
import { RunReference } from '../progress/run-reference.ts';
import { byKind, type OfKind } from './by-kind.ts';
import type { Kind } from './kind.ts';
import { KINDS, type KnownKind } from './kinds.ts';
import { CaughtError } from './unwrap-cause.ts';

/** What the report of every kind of run holds. A fact there is none of is absent. */
const Common = RunReference.extend({
  executionArn: z.string(),
  startedBy: z.string(),
  /** A database, a dead-letter queue or a rehydration of the plan. */
  subject: z.string(),
  reason: z.string(),
  facts: z.object({
    recoveryPoint: z.string().optional(),
    incident: Incident.optional(),
  }),
  /** The error of the step that failed the run; null where none did. Executions of the first versions do not report it. */
  failure: CaughtError.nullable().default(null),
});

/** The report of one of Lifeboat's own kinds: a union by `machine`. */
export type RunReport = z.output<typeof Common> & OfKind<KnownKind>;

/** The report of the kind of that name. */
export type ReportOf<Name extends KnownKind['name']> = Extract<RunReport, { readonly machine: Name }>;

/** A report of any kind, for what is derived from the list of kinds. */
export type AnyReport = z.output<typeof Common> & OfKind<Kind>;

/** What a state machine reports at its end, for any of the kinds. */
export const reportOf = <Of extends Kind>(kinds: readonly Of[]) => byKind(Common, kinds);

export const RunReport: z.ZodType<RunReport> = reportOf(KINDS);
