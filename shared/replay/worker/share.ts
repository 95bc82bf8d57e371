import * as z from 'zod';

/** A worker's part of what the plan allows. */
export const Share = z.object({
  /** Requests a second. */
  rate: z.number().gt(0),
  inFlight: z.int().min(1),
  /** Messages to take at most; absent for all. */
  max: z.int().min(1).optional(),
});
export type Share = z.infer<typeof Share>;
