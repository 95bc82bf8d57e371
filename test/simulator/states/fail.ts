import { z } from 'zod';
import { anyState } from '../asl/fields.ts';
import { evaluateAs } from '../data/template.ts';
import { StateFailure } from '../errors/state-failure.ts';
import type { Visit } from '../visit.ts';

export const failState = z.strictObject({
  Type: z.literal('Fail'),
  ...anyState,
  Error: z.string().optional(),
  Cause: z.string().optional(),
});
export type FailState = z.infer<typeof failState>;

export async function runFail(state: FailState, visit: Visit): Promise<never> {
  const error = await evaluateAs('string', state.Error ?? '', 'Error', visit);
  const cause = await evaluateAs('string', state.Cause ?? '', 'Cause', visit);
  throw new StateFailure(error, cause);
}
