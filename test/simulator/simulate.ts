import { load } from './asl/load.ts';
import type { Machine } from './asl/state-graph.ts';
import type { Substitutions } from './asl/substitutions.ts';
import { everyState } from './asl/walk.ts';
import { Variables } from './data/variables.ts';
import { StateFailure } from './errors/state-failure.ts';
import { Execution } from './execution.ts';
import { copyOf, type Json } from './json.ts';
import { Script, type TaskCall, type TaskScripts } from './script.ts';
import { Random } from './time/random.ts';
import { VirtualClock } from './time/virtual-clock.ts';
import type { WalkedEvent } from './walked-event.ts';

export { UnsupportedAsl } from './asl/unsupported-asl.ts';
export {
  fail,
  lambdaReturns,
  lambdaThrows,
  ok,
  ScriptMismatch,
  type TaskCall,
  type TaskResult,
} from './script.ts';

export interface Simulation {
  readonly input?: unknown;
  /** the responses of each Task state, call by call */
  readonly tasks?: TaskScripts;
  /** decides the order of branches, jitter, `$random` and `$uuid`; the same seed gives the same run */
  readonly seed?: number;
  readonly executionName?: string;
  readonly machineName?: string;
  /** the virtual moment at which the execution starts */
  readonly startTime?: string;
  readonly substitutions?: Substitutions;
}

/** How a simulated execution went. */
export interface Run {
  readonly status: 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT';
  /** present when it succeeded */
  readonly output?: Json;
  /** present when it failed */
  readonly error?: string;
  readonly cause?: string;
  /** the last state entered in the machine itself, not in a branch or an iteration */
  readonly terminal: string;
  /** every state in the order of entry, including those of branches and iterations */
  readonly visited: readonly string[];
  /** every task call in order, with its exact input */
  readonly calls: readonly TaskCall[];
  /** the machine's own variables at the end */
  readonly variables: Readonly<Record<string, Json>>;
  readonly elapsedSeconds: number;
  /** what `uncovered` reads */
  readonly events: readonly WalkedEvent[];
}

type Outcome =
  | { status: 'SUCCEEDED'; output: Json }
  | { status: 'FAILED' | 'TIMED_OUT'; error: string; cause: string };

/**
 * Runs a definition to its end in virtual time with scripted tasks.
 *
 * @example
 * const run = await simulate(restoreTest, {
 *   input: { plan: 'maily' },
 *   substitutions: { LoadFunction: 'load' },
 *   tasks: { 'Load the scratch database': [fail('DatabaseBusy'), lambdaReturns({ rows: 42 }, { after: 90 })] },
 * });
 * expect(run.terminal).toBe('RestoreVerified');
 *
 * @throws UnsupportedAsl for a definition that is wrong, or that uses features this interpreter does not implement
 * @throws ScriptMismatch when a called task has no result left, or unused results remain
 */
export async function simulate(definition: unknown, options: Simulation = {}): Promise<Run> {
  const machine = load(definition, options.substitutions);
  const script = new Script(options.tasks ?? {}, taskNames(machine));
  const input = copyOf(options.input ?? {});
  const variables = new Variables();
  const seed = options.seed ?? 1;
  const start = Date.parse(options.startTime ?? '2026-01-01T00:00:00.000Z');
  const deadline = start + (machine.TimeoutSeconds ?? Number.POSITIVE_INFINITY) * 1000;

  let expire: () => void = () => {};
  const expired = new Promise<Outcome>((resolve) => {
    const cause = `the execution ran longer than ${machine.TimeoutSeconds} s`;
    expire = () => resolve({ status: 'TIMED_OUT', error: 'States.Timeout', cause });
  });
  // each branch has its own random numbers, so that adding a state to one does not change $random in another
  const clock = new VirtualClock(start, new Random(seed), deadline, () => expire());
  const identity = identify(options, input, start);
  const execution = new Execution(machine, { clock, random: new Random(seed + 1), script, ...identity });
  const ended = execution.run(machine, input, { strand: {}, variables }).then(succeeded, failed);
  const outcome = await Promise.race([ended, expired]);

  script.expectUsedUp(`ended in '${execution.terminal}' as ${JSON.stringify(outcome)}`);
  const { terminal, visited, calls, events, elapsedSeconds } = execution;
  return { ...outcome, terminal, visited, calls, events, elapsedSeconds, variables: variables.all() };
}

const succeeded = (output: Json): Outcome => ({ status: 'SUCCEEDED', output });

function failed(failure: unknown): Outcome {
  if (failure instanceof StateFailure)
    return { status: 'FAILED', error: failure.error, cause: failure.reason };
  throw failure;
}

function taskNames(machine: Machine): Set<string> {
  return new Set(
    [...everyState(machine)].flatMap(({ name, state }) => (state.Type === 'Task' ? [name] : [])),
  );
}

function identify(
  { executionName = 'run-1', machineName = 'machine' }: Simulation,
  input: Json,
  start: number,
) {
  const arn = (kind: string, name: string) => `arn:aws:states:eu-west-1:123456789012:${kind}:${name}`;
  return {
    execution: {
      Id: arn('execution', `${machineName}:${executionName}`),
      Name: executionName,
      Input: input,
      StartTime: new Date(start).toISOString(),
      RoleArn: `arn:aws:iam::123456789012:role/${machineName}`,
      RedriveCount: 0,
    },
    machine: { Id: arn('stateMachine', machineName), Name: machineName },
  };
}
