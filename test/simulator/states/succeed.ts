import { z } from 'zod';
import { anyState, template } from '../asl/fields.ts';
import { settle } from '../data/output.ts';
import type { Step, Visit } from '../visit.ts';

export const succeedState = z.strictObject({
  Type: z.literal('Succeed'),
  ...anyState,
  Output: template.optional(),
});
export type SucceedState = z.infer<typeof succeedState>;

export async function runSucceed(state: SucceedState, visit: Visit): Promise<Step> {
  return { output: await settle(state, visit, visit.input), next: undefined };
}
