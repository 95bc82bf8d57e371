import { copyOf, type Json } from './json.ts';

interface Duration {
  /** virtual seconds until the task responds: beyond TimeoutSeconds it times out instead */
  readonly after: number;
  /** virtual seconds between two heartbeats; without it the task sends none until it responds */
  readonly heartbeatEvery: number;
}

/** A task's response to one attempt. */
export type TaskResult =
  | (Duration & { readonly kind: 'ok'; readonly value: Json })
  | (Duration & { readonly kind: 'fail'; readonly error: string; readonly cause: string });

/** One call of a task, with its exact input and its time (seconds since the start). */
export interface TaskCall {
  readonly state: string;
  readonly attempt: number;
  readonly resource: string;
  readonly arguments: Json;
  readonly at: number;
}

/**
 * The responses of one Task state in call order, or a function of the call.
 * A Map whose items run in any order needs the function.
 */
export type TaskScript = TaskResult | readonly TaskResult[] | ((call: TaskCall) => TaskResult);

/** The scripts of a machine, by the names of its Task states. */
export type TaskScripts = Readonly<Record<string, TaskScript>>;

const duration = (given: Partial<Duration>): Duration => ({
  after: given.after ?? 0,
  heartbeatEvery: given.heartbeatEvery ?? Number.POSITIVE_INFINITY,
});

/** The task succeeds; `value` is what the state sees as `$states.result`. */
export function ok(value: unknown = {}, options: Partial<Duration> = {}): TaskResult {
  return { kind: 'ok', value: copyOf(value), ...duration(options) };
}

/** The task fails with an error name that ErrorEquals can match. */
export function fail(error: string, cause = '', options: Partial<Duration> = {}): TaskResult {
  return { kind: 'fail', error, cause, ...duration(options) };
}

/** The result of `arn:aws:states:::lambda:invoke` when the function returns: the value is under Payload. */
export function lambdaReturns(payload: unknown, options: Partial<Duration> = {}): TaskResult {
  return ok({ ExecutedVersion: '$LATEST', StatusCode: 200, Payload: payload }, options);
}

/** The failure of a function that throws: its error's name, and as cause the JSON that the Node runtime writes. */
export function lambdaThrows(
  errorType: string,
  errorMessage = '',
  options: Partial<Duration> = {},
): TaskResult {
  return fail(
    errorType,
    JSON.stringify({ errorType, errorMessage, trace: [`${errorType}: ${errorMessage}`] }),
    options,
  );
}

/** The test and the machine disagree on the calls: always the test's failure, never an outcome of the run. */
export class ScriptMismatch extends Error {
  override readonly name = 'ScriptMismatch';
}

/** Hands out scripted results and knows which were never used. */
export class Script {
  readonly #lists = new Map<string, TaskResult[]>();
  readonly #functions = new Map<string, (call: TaskCall) => TaskResult>();
  readonly #neverCalled: Set<string>;

  constructor(scripts: TaskScripts, taskNames: ReadonlySet<string>) {
    const strangers = Object.keys(scripts).filter((name) => !taskNames.has(name));
    if (strangers.length > 0) throw new ScriptMismatch(`the machine has no Task called ${quoted(strangers)}`);
    for (const [name, script] of Object.entries(scripts)) {
      if (typeof script === 'function') this.#functions.set(name, script);
      else this.#lists.set(name, 'kind' in script ? [script] : [...script]);
    }
    this.#neverCalled = new Set(this.#functions.keys());
  }

  /** The response to this call; a call without a script is the test's error and gets no default. */
  answer(call: TaskCall): TaskResult {
    const scripted = this.#functions.get(call.state)?.(call) ?? this.#lists.get(call.state)?.shift();
    this.#neverCalled.delete(call.state);
    if (scripted !== undefined) return scripted;
    throw new ScriptMismatch(
      `'${call.state}' has no scripted result left for attempt ${call.attempt} at ${call.at} s with ${JSON.stringify(call.arguments)}`,
    );
  }

  /** Throws when unused results remain; `outcome` tells the reader how the run went instead. */
  expectUsedUp(outcome: string): void {
    const left = [...this.#lists].filter(([, results]) => results.length > 0);
    const unused = [
      ...left.map(([name, results]) => `${results.length} of '${name}'`),
      ...quotedEach(this.#neverCalled),
    ];
    if (unused.length > 0)
      throw new ScriptMismatch(`scripted but never asked for: ${unused.join(', ')}. The run ${outcome}`);
  }
}

const quotedEach = (names: Iterable<string>): string[] => [...names].map((name) => `'${name}'`);
const quoted = (names: Iterable<string>): string => quotedEach(names).join(', ');
