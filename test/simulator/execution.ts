import type { Machine, State, StateGraph } from './asl/state-graph.ts';
import { withinDataLimit } from './data/data-limit.ts';
import type { Json } from './json.ts';
import type { Script, TaskCall, TaskResult } from './script.ts';
import { runChoice } from './states/choice.ts';
import { runFail } from './states/fail.ts';
import { runMap } from './states/map.ts';
import { runParallel } from './states/parallel.ts';
import { runPass } from './states/pass.ts';
import { runSucceed } from './states/succeed.ts';
import { runTask } from './states/task.ts';
import { runWait } from './states/wait.ts';
import type { Random } from './time/random.ts';
import type { VirtualClock } from './time/virtual-clock.ts';
import type { Engine, Frame, Step, Visit } from './visit.ts';
import type { WalkedEvent } from './walked-event.ts';

/** "25,000 events in a single state machine execution history" (service quotas); entering and leaving a state are two. */
const MOST_STATES_ENTERED = 12_500;

/** The settings of a run. */
export interface Circumstances {
  readonly clock: VirtualClock;
  readonly random: Random;
  readonly script: Script;
  readonly execution: { readonly [field: string]: Json };
  readonly machine: { readonly Id: string; readonly Name: string };
}

/** One run of a machine: executes its states in turn and records what happened. */
export class Execution implements Engine {
  readonly clock: VirtualClock;
  readonly random: Random;
  readonly execution: { readonly [field: string]: Json };
  readonly machine: { readonly Id: string; readonly Name: string };
  readonly limit = withinDataLimit;
  readonly calls: TaskCall[] = [];
  readonly events: WalkedEvent[] = [];
  readonly visited: string[] = [];
  /** the state of the outermost graph that was entered last */
  terminal = '';
  readonly #definition: Machine;
  readonly #script: Script;
  readonly #start: number;
  /** ExecutionStarted is the first event. */
  #historyEvents = 1;

  constructor(definition: Machine, { clock, random, script, execution, machine }: Circumstances) {
    this.#definition = definition;
    this.#script = script;
    this.clock = clock;
    this.random = random;
    this.execution = execution;
    this.machine = machine;
    this.#start = clock.now;
  }

  /** Seconds of virtual time since the start. */
  get elapsedSeconds(): number {
    return (this.clock.now - this.#start) / 1000;
  }

  async run(graph: StateGraph, input: Json, frame: Frame): Promise<Json> {
    let current = input;
    for (let name: string | undefined = graph.StartAt; name !== undefined; ) {
      const state: State | undefined = graph.States[name];
      if (state === undefined) throw new Error(`there is no state '${name}'`);
      await this.clock.sleep(frame.strand, 0);
      this.#enter(name, graph);
      const enteredAsEvent = this.happened(1);
      const visit = {
        engine: this,
        frame,
        name,
        input: current,
        enteredAt: this.clock.now,
        enteredAsEvent,
        retryCount: 0,
      };
      const step: Step = await runState(state, visit);
      this.happened(1);
      if (step.next === undefined) this.note({ kind: 'ended', state: name });
      current = step.output;
      name = step.next;
    }
    return current;
  }

  call(call: Omit<TaskCall, 'at'>): TaskResult {
    const made = { ...call, at: this.elapsedSeconds };
    this.calls.push(made);
    return this.#script.answer(made);
  }

  happened(events: number): number {
    this.#historyEvents += events;
    return this.#historyEvents;
  }

  note(event: WalkedEvent): void {
    this.events.push(event);
  }

  #enter(name: string, graph: StateGraph): void {
    if (graph === this.#definition) this.terminal = name;
    this.visited.push(name);
    this.note({ kind: 'entered', state: name });
    if (this.visited.length > MOST_STATES_ENTERED) {
      throw new Error(
        `the run went on past ${MOST_STATES_ENTERED} states, beyond the event quota of Step Functions; it is now in '${name}'`,
      );
    }
  }
}

async function runState(state: State, visit: Visit): Promise<Step> {
  switch (state.Type) {
    case 'Pass':
      return runPass(state, visit);
    case 'Task':
      return runTask(state, visit);
    case 'Choice':
      return runChoice(state, visit);
    case 'Wait':
      return runWait(state, visit);
    case 'Map':
      return runMap(state, visit);
    case 'Parallel':
      return runParallel(state, visit);
    case 'Succeed':
      return runSucceed(state, visit);
    case 'Fail':
      return runFail(state, visit);
  }
}
