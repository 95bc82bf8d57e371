import type { StateGraph } from './asl/state-graph.ts';
import type { Variables } from './data/variables.ts';
import type { Json } from './json.ts';
import type { TaskCall, TaskResult } from './script.ts';
import type { Random } from './time/random.ts';
import type { Strand, VirtualClock } from './time/virtual-clock.ts';
import type { WalkedEvent } from './walked-event.ts';

/** What the states of one graph run share, in the machine, a branch or an iteration. */
export interface Frame {
  readonly strand: Strand;
  readonly variables: Variables;
  readonly item?: { readonly Index: number; readonly Value: Json };
}

/** One state, entered once; each attempt of a retried state is a copy with its own count. */
export interface Visit {
  readonly engine: Engine;
  readonly frame: Frame;
  readonly name: string;
  readonly input: Json;
  readonly enteredAt: number;
  /** number of the event in the execution's history by which the state was entered */
  readonly enteredAsEvent: number;
  readonly retryCount: number;
  readonly taskToken?: string;
}

/** How a state ended: its output and its next state. */
export interface Step {
  readonly output: Json;
  readonly next: string | undefined;
}

/** The services that a state can use from its execution. */
export interface Engine {
  readonly clock: VirtualClock;
  readonly random: Random;
  readonly execution: { readonly [field: string]: Json };
  readonly machine: { readonly Id: string; readonly Name: string };
  /** Runs a graph from StartAt to its end and returns the output of its last state. */
  run(graph: StateGraph, input: Json, frame: Frame): Promise<Json>;
  /** Records a task call and returns its scripted result; throws if the script has none. */
  call(call: Omit<TaskCall, 'at'>): TaskResult;
  note(event: WalkedEvent): void;
  /** Counts events of the execution's history, and returns the number of the last one. */
  happened(events: number): number;
  limit(value: Json, what: string): void;
}
