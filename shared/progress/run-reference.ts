import * as z from 'zod';

/** Which run a step belongs to: every task of every machine is told. */
export const RunReference = z.object({
  runId: z.string().min(1).max(80),
  /** When the run's execution started: with the machine and the run id it names the journal's record. */
  runStartedAt: z.iso.datetime(),
});
export type RunReference = z.infer<typeof RunReference>;
