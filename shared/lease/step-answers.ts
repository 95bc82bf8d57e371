import * as z from 'zod';

/** What can be done with the fence of a database. */
export const FENCE_CHANGES = ['show', 'statements', 'install', 'try', 'remove', 'lift'] as const;

/** What the deployed function says of a fence, after it did what it was asked for. */
export const FenceAnswer = z.object({
  installed: z.boolean(),
  gaps: z.array(z.string()),
  lease: z
    .object({
      state: z.enum(['running', 'over', 'ended', 'lifted']),
      until: z.iso.datetime().nullable(),
    })
    .nullable(),
  /** What `install` would run, of `statements`. */
  statements: z.array(z.string()),
  /** What each table answered, of `try`. */
  trials: z.array(
    z.object({
      table: z.string(),
      outcome: z.enum(['accepted', 'refused by the lease', 'other']),
      said: z.string(),
    }),
  ),
});

export type FenceAnswer = z.output<typeof FenceAnswer>;
