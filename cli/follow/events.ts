import type { HistoryEvent } from '@aws-sdk/client-sfn';
import { failureOf, type StateFailure } from './failure.ts';

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
}

const ENDS: Readonly<Record<string, RunEnd['status']>> = {
  ExecutionSucceeded: 'SUCCEEDED',
  ExecutionFailed: 'FAILED',
  ExecutionTimedOut: 'TIMED_OUT',
  ExecutionAborted: 'ABORTED',
};

/**
 * Reads an execution's history as the events a person cares about: its tasks and its end. Choices and terminals take no
 * time and are told by what follows.
 *
 * A longer history of the same execution only adds events at the end, so that a follower shows the new ones.
 *
 * The history names neither retries nor catches. A failure that is followed by another attempt was retried; one that is
 * followed by the state's exit was caught.
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
  if (type === 'TaskStateEntered') {
    const state = event.stateEnteredEventDetails?.name ?? '';
    return [
      { state, enteredAt: at.getTime(), attempt: 0, failure: null },
      { kind: 'entered', state, at },
    ];
  }
  const status = ENDS[type];
  if (status) return [null, { kind: 'ended', end: endOf(status, event) }];
  if (!current) return [null, null];

  const { state, enteredAt, attempt, failure } = current;
  if (type === 'TaskStateExited')
    return [null, { kind: 'left', state, tookMs: at.getTime() - enteredAt, caught: failure }];
  if (type === 'TaskScheduled') {
    const retried: RunEvent | null = failure && { kind: 'retried', state, attempt: attempt + 1 };
    return [{ ...current, attempt: attempt + 1, failure: null }, retried];
  }
  const failed = failureOf(event);
  if (failed)
    return [
      { ...current, failure: failed },
      { kind: 'attempt-failed', state, attempt: Math.max(1, attempt), failure: failed },
    ];
  return [current, null];
}

function endOf(status: RunEnd['status'], event: HistoryEvent): RunEnd {
  const details =
    event.executionFailedEventDetails ??
    event.executionTimedOutEventDetails ??
    event.executionAbortedEventDetails;
  return { status, error: details?.error ?? null, cause: details?.cause ?? null };
}
