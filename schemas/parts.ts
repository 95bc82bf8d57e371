import * as z from 'zod';
import { Evidence } from '../shared/run/evidence.ts';

/** A time as JSON has it. */
export const time = z.iso.datetime();

export const count = z.int().min(0);

/** Evidence as a part of other documents, written once in each. */
export const EvidencePart = Evidence.meta({ id: 'Evidence' });

/** A run, or a release of messages, as the journal has it. */
export const JournalRecord = z
  .object({
    machine: z.string().meta({ description: 'The kind of run, or `release`.' }),
    runId: z.string(),
    startedAt: time,
    startedBy: z.string(),
    subject: z.string().meta({ description: 'A database, restore test, replay or rehydration of the plan.' }),
    backup: z.string().optional().meta({ description: 'Of a backup: which backup of the database it is.' }),
    status: z.string().meta({ description: '`running` until the run is recorded; then its outcome.' }),
    executionArn: z.string().optional(),
    reason: z.string().optional(),
    recoveryPoint: z.string().optional(),
    label: z
      .string()
      .optional()
      .meta({ description: 'Of a backup: what a person called its recovery point.' }),
    evidence: z.string().optional(),
    finishedAt: time.optional(),
    rpoSeconds: z.number().optional(),
    rtoSeconds: z.number().optional(),
    progress: z
      .object({ doing: z.string(), bytes: count, tasksDone: count, tasksTotal: count })
      .optional()
      .meta({ description: 'How far a run has come that is not recorded yet.' }),
    messages: z.array(z.string()).optional().meta({ description: 'Of a release: their ids in quarantine.' }),
  })
  .meta({ id: 'JournalRecord' });

/** How an execution of a state machine ended. */
export const RunEnd = z.object({
  status: z.enum(['SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED']),
  error: z.string().nullable(),
  cause: z.string().nullable(),
});

/** What a value of our code is once it was printed as JSON and read again. A schema that satisfies it lacks no field of it. */
export type Printed<Value> = Value extends Date | Uint8Array
  ? string
  : Value extends object
    ? { -readonly [Key in keyof Value]: Printed<Value[Key]> | AbsentIn<Value, Key> }
    : Value;

/** JSON has no undefined, and zod means absent by it. */
type AbsentIn<Value, Key extends keyof Value> =
  Partial<Pick<Value, Key>> extends Pick<Value, Key> ? undefined : never;
