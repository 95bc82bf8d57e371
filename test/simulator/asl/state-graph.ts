import { z } from 'zod';
import { type ChoiceState, choiceState } from '../states/choice.ts';
import { type FailState, failState } from '../states/fail.ts';
import { type MapState, mapState } from '../states/map.ts';
import { type ParallelState, parallelState } from '../states/parallel.ts';
import { type PassState, passState } from '../states/pass.ts';
import { type SucceedState, succeedState } from '../states/succeed.ts';
import { type TaskState, taskState } from '../states/task.ts';
import { type WaitState, waitState } from '../states/wait.ts';

export type State =
  | PassState
  | TaskState
  | ChoiceState
  | WaitState
  | MapState
  | ParallelState
  | SucceedState
  | FailState;

/** States and their StartAt: a machine, a branch of a Parallel, or the ItemProcessor of a Map. */
export interface StateGraph {
  StartAt: string;
  States: Record<string, State>;
}

/** A whole machine: the content of the file. */
export interface Machine extends StateGraph {
  TimeoutSeconds?: number | undefined;
}

const branches: z.ZodType<StateGraph> = z.lazy(() => branch);
const itemProcessors: z.ZodType<StateGraph> = z.lazy(() => itemProcessor);

const anyState: z.ZodType<State> = z.discriminatedUnion('Type', [
  passState,
  taskState,
  choiceState,
  waitState,
  mapState(itemProcessors),
  parallelState(branches),
  succeedState,
  failState,
]);

const graph = {
  Comment: z.string().optional(),
  StartAt: z.string(),
  States: z.record(z.string().min(1).max(80), anyState),
};

const branch = z.strictObject(graph);
const itemProcessor = z.strictObject({
  ...graph,
  ProcessorConfig: z.strictObject({ Mode: z.literal('INLINE') }).optional(),
});

export const machine: z.ZodType<Machine> = z.strictObject({
  ...graph,
  QueryLanguage: z.literal('JSONata'),
  Version: z.literal('1.0').optional(),
  TimeoutSeconds: z.int().min(1).max(99_999_999).optional(),
});
