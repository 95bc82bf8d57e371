import * as z from 'zod';

/** The disaster that a run answers; a scheduled test has none. */
export const Incident = z.object({
  /** Onset: when the source was lost. */
  failedAt: z.iso.datetime(),
  /** Which of the plan's scenarios it is; the restore test's own if absent. */
  scenario: z.string().optional(),
});
export type Incident = z.infer<typeof Incident>;
