import type { Json } from '../json.ts';
import type { TaskResult } from '../script.ts';

/** The only behaviour of a conformance task besides following its script: returning its arguments. */
export const ECHO = 'echo';

/** All Task states by name, with a response per attempt of one visit. */
export type CaseTasks = Readonly<Record<string, readonly TaskResult[] | typeof ECHO>>;

/** How an execution ends. A cause is compared only if one is expected, because services word most causes differently. */
export type CaseOutcome =
  | { readonly status: 'SUCCEEDED'; readonly output: Json }
  | { readonly status: 'FAILED' | 'TIMED_OUT'; readonly error: string; readonly cause?: string };

/** One documented behaviour: both the simulator and Step Functions must end it as expected. */
export interface ConformanceCase {
  /** `<feature>-<number>`, never reused for another behaviour */
  readonly id: string;
  /** the behaviour as a fact */
  readonly title: string;
  readonly definition: { readonly StartAt: string; readonly States: Readonly<Record<string, object>> };
  readonly input?: Json;
  readonly tasks?: CaseTasks;
  readonly expected: CaseOutcome;
}

/** A JSONata machine that starts at the first of its states; machine-wide fields may follow. */
export function machine(states: Record<string, object>, fields: object = {}): ConformanceCase['definition'] {
  return { QueryLanguage: 'JSONata', ...graph(states), ...fields } as ConformanceCase['definition'];
}

/** A branch or an ItemProcessor that starts at the first of its states. */
export function graph(states: Record<string, object>): { StartAt: string; States: Record<string, object> } {
  return { StartAt: Object.keys(states)[0] ?? '', States: states };
}

/** A task whose responses the case scripts; each runner binds the resource to its own script player. */
export function task(fields: object): object {
  return { Type: 'Task', Resource: 'arn:aws:lambda:eu-west-1:000000000000:function:play-script', ...fields };
}

export const succeeds = (output: Json): CaseOutcome => ({ status: 'SUCCEEDED', output });

export const fails = (error: string, cause?: string): CaseOutcome => ({
  status: 'FAILED',
  error,
  ...(cause === undefined ? {} : { cause }),
});
