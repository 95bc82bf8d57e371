import type { StateGraph } from './asl/state-graph.ts';
import type { Variables } from './data/variables.ts';
import type { Json } from './json.ts';
import type { TaskCall, TaskResult } from './script.ts';
import type { Random } from './time/random.ts';
import type { Strand, VirtualClock } from './time/virtual-clock.ts';
import type { WalkedEvent } from './walked-event.ts';

/** What the states of one run of a graph share: of the machine, of a branch, of an iteration. */
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
  readonly retryCount: number;
  readonly taskToken?: string;
}

/** How a state ended: what it hands on, and to whom. */
export interface Step {
  readonly output: Json;
  readonly next: string | undefined;
}

/** What a state may ask of the execution it is part of. */
export interface Engine {
  readonly clock: VirtualClock;
  readonly random: Random;
  readonly execution: { readonly [field: string]: Json };
  readonly machine: { readonly Id: string; readonly Name: string };
  /** Runs a graph from StartAt to its end and answers with the output of its last state. */
  run(graph: StateGraph, input: Json, frame: Frame): Promise<Json>;
  /** Records a task call and answers with its scripted result; throws where the script has none. */
  call(call: Omit<TaskCall, 'at'>): TaskResult;
  note(event: WalkedEvent): void;
  limit(value: Json, what: string): void;
}
