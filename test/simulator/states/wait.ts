import { z } from 'zod';
import { anyState, constantOrExpression, outputFields, transition } from '../asl/fields.ts';
import { settle } from '../data/output.ts';
import { evaluateAs, queryError } from '../data/template.ts';
import { millisecondsOf, timestamp } from '../time/timestamp.ts';
import type { Step, Visit } from '../visit.ts';

export const waitState = z
  .strictObject({
    Type: z.literal('Wait'),
    ...anyState,
    ...transition,
    ...outputFields,
    Seconds: constantOrExpression(z.int().min(0).max(99_999_999)).optional(),
    Timestamp: constantOrExpression(timestamp).optional(),
  })
  .refine(
    (it) => (it.Seconds === undefined) !== (it.Timestamp === undefined),
    'needs Seconds or Timestamp, not both',
  );
export type WaitState = z.infer<typeof waitState>;

export async function runWait(state: WaitState, visit: Visit): Promise<Step> {
  await visit.engine.clock.sleep(visit.frame.strand, await secondsToWait(state, visit));
  return { output: await settle(state, visit, visit.input), next: state.Next };
}

async function secondsToWait(state: WaitState, visit: Visit): Promise<number> {
  if (state.Seconds !== undefined) {
    const wanted = await evaluateAs('number', state.Seconds, 'Seconds', visit);
    if (Number.isInteger(wanted) && wanted >= 0) return wanted;
    throw queryError(
      visit,
      `The field 'Seconds' must be a whole number that is not negative, but was ${wanted}`,
    );
  }
  const until = await evaluateAs('string', state.Timestamp ?? '', 'Timestamp', visit);
  const at = millisecondsOf(until);
  if (at === undefined)
    throw queryError(visit, `The field 'Timestamp' must be an ISO 8601 date-time, but was ${until}`);
  // a moment in the past does not wait at all
  return Math.max(0, (at - visit.engine.clock.now) / 1000);
}
