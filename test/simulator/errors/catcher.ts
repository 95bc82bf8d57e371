import { z } from 'zod';
import { assign, template } from '../asl/fields.ts';
import { wildcardStandsLast } from './retrier.ts';

/** One element of Catch (spec, "Fallback states"). */
export const catcher = z.strictObject({
  Comment: z.string().optional(),
  ErrorEquals: z.array(z.string()).min(1),
  Next: z.string(),
  Assign: assign.optional(),
  Output: template.optional(),
});

export type Catcher = z.infer<typeof catcher>;

/** The field Catch, here because `catch` is a reserved word. */
export const catchers = z
  .array(catcher)
  .refine(wildcardStandsLast, 'States.ALL must be alone in the last catcher')
  .optional();
