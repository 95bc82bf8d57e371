import { z } from 'zod';
import { anyState, outputFields, template, transition } from '../asl/fields.ts';
import type { StateGraph } from '../asl/state-graph.ts';
import { settle } from '../data/output.ts';
import { evaluate } from '../data/template.ts';
import { catchers } from '../errors/catcher.ts';
import { retry } from '../errors/retrier.ts';
import { withRetryAndCatch } from '../errors/retry-and-catch.ts';
import type { Step, Visit } from '../visit.ts';

export const parallelState = (graph: z.ZodType<StateGraph>) =>
  z.strictObject({
    Type: z.literal('Parallel'),
    ...anyState,
    ...transition,
    ...outputFields,
    Arguments: template.optional(),
    Branches: z.array(graph).min(1),
    Retry: retry,
    Catch: catchers,
  });
export type ParallelState = z.infer<ReturnType<typeof parallelState>>;

/**
 * Every branch gets the same input; the result is an array in branch order, whichever ends first.
 * The first failed branch stops the others, and its error is the state's error (developer guide, "Parallel workflow state").
 */
export async function runParallel(state: ParallelState, visit: Visit): Promise<Step> {
  return withRetryAndCatch(state, visit, async (attempt) => {
    const { engine, frame, name } = attempt;
    const input =
      state.Arguments === undefined ? attempt.input : await evaluate(state.Arguments, 'Arguments', attempt);
    engine.limit(input, `the Arguments of '${name}'`);
    const jobs = state.Branches.map((branch) => (strand: typeof frame.strand) => {
      return engine.run(branch, input, { ...frame, strand, variables: frame.variables.inner() });
    });
    engine.happened(1);
    const result = await engine.clock.concurrently(frame.strand, jobs);
    engine.happened(1);
    return { output: await settle(state, attempt, result, { result }), next: state.Next };
  });
}
