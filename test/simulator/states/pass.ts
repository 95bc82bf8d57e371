import { z } from 'zod';
import { anyState, outputFields, transition } from '../asl/fields.ts';
import { settle } from '../data/output.ts';
import type { Step, Visit } from '../visit.ts';

/** Passes on its input, or Output. `Result` and `Parameters` belong to JSONPath. */
export const passState = z.strictObject({
  Type: z.literal('Pass'),
  ...anyState,
  ...transition,
  ...outputFields,
});
export type PassState = z.infer<typeof passState>;

export async function runPass(state: PassState, visit: Visit): Promise<Step> {
  return { output: await settle(state, visit, visit.input), next: state.Next };
}
