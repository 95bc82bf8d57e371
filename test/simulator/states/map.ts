import { z } from 'zod';
import { anyState, constantOrExpression, outputFields, template, transition } from '../asl/fields.ts';
import type { StateGraph } from '../asl/state-graph.ts';
import { settle } from '../data/output.ts';
import { evaluate, evaluateAs, queryError } from '../data/template.ts';
import { catchers } from '../errors/catcher.ts';
import { retry } from '../errors/retrier.ts';
import { withRetryAndCatch } from '../errors/retry-and-catch.ts';
import type { Json } from '../json.ts';
import type { Strand } from '../time/virtual-clock.ts';
import type { Step, Visit } from '../visit.ts';

/** "Inline Map state … supports up to 40 concurrent iterations" (developer guide, "Map workflow state processing modes"). */
const MOST_AT_ONCE = 40;

/**
 * Inline only: readers, writers and batches belong to distributed maps and are refused. AWS creates an inline map with tolerated
 * failures; they change nothing here, because no run with them was recorded.
 */
export const mapState = (graph: z.ZodType<StateGraph>) =>
  z.strictObject({
    Type: z.literal('Map'),
    ...anyState,
    ...transition,
    ...outputFields,
    Items: constantOrExpression(z.array(template)).optional(),
    ItemSelector: template.optional(),
    ItemProcessor: graph,
    MaxConcurrency: constantOrExpression(z.int().min(0)).optional(),
    ToleratedFailureCount: constantOrExpression(z.int().min(0)).optional(),
    ToleratedFailurePercentage: constantOrExpression(z.number().min(0).max(100)).optional(),
    Retry: retry,
    Catch: catchers,
  });
export type MapState = z.infer<ReturnType<typeof mapState>>;

/** Runs the ItemProcessor once per item; results keep the order of the items. The first failed iteration stops the others. */
export async function runMap(state: MapState, visit: Visit): Promise<Step> {
  return withRetryAndCatch(state, visit, async (attempt) => {
    const items = await evaluateAs('array', state.Items ?? attempt.input, 'Items', attempt);
    attempt.engine.happened(1);
    const jobs = items.map((item, index) => (strand: Strand) => iterate(state, attempt, item, index, strand));
    const atOnce = await concurrency(state, attempt);
    const result = await attempt.engine.clock.concurrently(attempt.frame.strand, jobs, atOnce);
    attempt.engine.happened(1);
    return { output: await settle(state, attempt, result, { result }), next: state.Next };
  });
}

async function iterate(
  state: MapState,
  visit: Visit,
  item: Json,
  index: number,
  strand: Strand,
): Promise<Json> {
  const frame = { strand, variables: visit.frame.variables.inner(), item: { Index: index, Value: item } };
  const selected =
    state.ItemSelector === undefined
      ? item
      : await evaluate(state.ItemSelector, 'ItemSelector', { ...visit, frame });
  visit.engine.limit(selected, `an item of '${visit.name}'`);
  visit.engine.happened(1);
  const result = await visit.engine.run(state.ItemProcessor, selected, frame);
  visit.engine.happened(1);
  return result;
}

async function concurrency(state: MapState, visit: Visit): Promise<number> {
  const wanted = await evaluateAs('number', state.MaxConcurrency ?? 0, 'MaxConcurrency', visit);
  if (!Number.isInteger(wanted) || wanted < 0) {
    throw queryError(
      visit,
      `The field 'MaxConcurrency' must be a whole number that is not negative, but was ${wanted}`,
    );
  }
  return wanted === 0 ? MOST_AT_ONCE : Math.min(wanted, MOST_AT_ONCE);
}
