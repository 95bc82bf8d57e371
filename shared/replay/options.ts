import * as z from 'zod';

/** What an operator may ask of one replay, beside what the plan says. */
export const ReplayOptions = z.strictObject({
  /** JMESPath: only messages for which this and the plan's own filter are true. */
  filter: z.string().optional(),
  /** Messages to take from the queue at most. */
  max: z.int().min(1).optional(),
  /** Deliveries a second, of all workers together; at most the plan's. */
  rate: z.number().min(1).optional(),
  /** After so many minutes no more is taken on. */
  minutes: z.number().gt(0).optional(),
  /** Reads, sends nothing, deletes nothing. */
  dryRun: z.boolean().optional(),
});
export type ReplayOptions = z.infer<typeof ReplayOptions>;
