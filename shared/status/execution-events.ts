import type { HistoryEvent } from '@aws-sdk/client-sfn';
import { failureOf, NO_FAILURE, type StateFailure } from './state-failure.ts';

/** How an execution ended. `error` is the name of the `Fail` state's error, or of the error that nothing caught. */
export interface RunEnd {
  readonly status: 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';
  readonly error: string | null;
  readonly cause: string | null;
}

/** What a person who follows a run is told, in order. */
export type RunEvent =
  | { readonly kind: 'entered'; readonly state: string; readonly at: Date }
  | {
      readonly kind: 'attempt-failed';
      readonly state: string;
      readonly attempt: number;
      readonly failure: StateFailure;
    }
  | { readonly kind: 'retried'; readonly state: string; readonly attempt: number }
  | {
      /** One of several that work at the same time. The others go on, and it may be tried again. */
      readonly kind: 'worker-failed';
      readonly state: string;
      /** Counted from 0; null where the history does not say which. */
      readonly worker: number | null;
      readonly failure: StateFailure;
    }
  | {
      readonly kind: 'left';
      readonly state: string;
      readonly tookMs: number;
      /** The error that a Catch took; null where the state did its work. */
      readonly caught: StateFailure | null;
    }
  | { readonly kind: 'ended'; readonly end: RunEnd };

/** The state that the execution is in, while its history is read. */
interface Current {
  readonly state: string;
  readonly enteredAt: number;
  readonly attempt: number;
  readonly failure: StateFailure | null;
  /** Of a state of many workers: which events are of which. Null for any other state. */
  readonly workers: Workers | null;
}

interface Workers {
  readonly ofEvent: Map<number, number>;
  readonly lastFailure: StateFailure | null;
}

const ENDS: Readonly<Record<string, RunEnd['status']>> = {
  ExecutionSucceeded: 'SUCCEEDED',
  ExecutionFailed: 'FAILED',
  ExecutionTimedOut: 'TIMED_OUT',
  ExecutionAborted: 'ABORTED',
};

/** States that take time. Choices and terminals take none, and are told by what follows. */
const ENTERED = /^(?:Task|Wait|Map)StateEntered$/;
const EXITED = /^(?:Task|Wait|Map)StateExited$/;

/**
 * Reads an execution's history as the events a person cares about: what takes time, and the end.
 *
 * A longer history of the same execution only adds events at the end, so that a follower shows the new ones.
 *
 * The history names neither retries nor catches. A failure that is followed by another attempt was retried; one that is
 * followed by the state's exit was caught. Inside a Map several states are open at once: of these, only failures are told.
 */
export function readHistory(history: readonly HistoryEvent[]): RunEvent[] {
  const events: RunEvent[] = [];
  let current: Current | null = null;
  for (const event of history) {
    const [next, told]: Step = read(current, event);
    current = next;
    if (told) events.push(told);
  }
  return events;
}

type Step = [Current | null, RunEvent | null];

function read(current: Current | null, event: HistoryEvent): Step {
  const { type = '', timestamp: at = new Date(0) } = event;
  const status = ENDS[type];
  if (status) return [null, { kind: 'ended', end: endOf(status, event) }];

  const exited = EXITED.test(type) && event.stateExitedEventDetails?.name === current?.state;
  if (current?.workers && !exited) return readInside(current, current.workers, event);
  if (ENTERED.test(type)) {
    const state = event.stateEnteredEventDetails?.name ?? '';
    const workers = type.startsWith('Map') ? { ofEvent: new Map(), lastFailure: null } : null;
    return [
      { state, enteredAt: at.getTime(), attempt: 0, failure: null, workers },
      { kind: 'entered', state, at },
    ];
  }
  if (!current) return [null, null];

  const { state, enteredAt, attempt, failure } = current;
  if (exited) return [null, { kind: 'left', state, tookMs: at.getTime() - enteredAt, caught: failure }];
  if (type === 'TaskScheduled') {
    const retried: RunEvent | null = failure && { kind: 'retried', state, attempt: attempt + 1 };
    return [{ ...current, attempt: attempt + 1, failure: null }, retried];
  }
  const failed = failureOf(event);
  if (failed) return [{ ...current, failure: failed }, failedAttempt(state, attempt, failed)];
  return [current, null];
}

/** An event between a Map's entry and its exit. Those of a worker form a chain that its start begins. */
function readInside(current: Current, workers: Workers, event: HistoryEvent): Step {
  const { state, attempt } = current;
  const { type = '', id = 0, previousEventId = 0 } = event;
  const worker =
    type === 'MapIterationStarted'
      ? event.mapIterationStartedEventDetails?.index
      : workers.ofEvent.get(previousEventId);
  if (worker !== undefined) workers.ofEvent.set(id, worker);

  if (type === 'MapStateFailed')
    return [{ ...current, failure: current.failure ?? workers.lastFailure ?? NO_FAILURE }, null];
  const failed = failureOf(event);
  if (!failed) return [current, null];
  if (event.evaluationFailedEventDetails?.state === state)
    return [{ ...current, failure: failed }, failedAttempt(state, attempt, failed)];
  return [
    { ...current, workers: { ...workers, lastFailure: failed } },
    { kind: 'worker-failed', state, worker: worker ?? null, failure: failed },
  ];
}

function failedAttempt(state: string, attempt: number, failure: StateFailure): RunEvent {
  return { kind: 'attempt-failed', state, attempt: Math.max(1, attempt), failure };
}

function endOf(status: RunEnd['status'], event: HistoryEvent): RunEnd {
  const details =
    event.executionFailedEventDetails ??
    event.executionTimedOutEventDetails ??
    event.executionAbortedEventDetails;
  return { status, error: details?.error ?? null, cause: details?.cause ?? null };
}
