import type { HistoryEvent } from '@aws-sdk/client-sfn';

/** Builds histories as Step Functions writes them: each event an id and a time, a second after the one before. */
export function historyOf(...events: Omit<HistoryEvent, 'id' | 'timestamp'>[]): HistoryEvent[] {
  return events.map((event, index) => ({
    ...event,
    id: index + 1,
    timestamp: new Date(Date.parse('2026-11-22T04:00:00Z') + index * 1_000),
  }));
}

/** Builds a history in which each event names the one before it in its chain, as those of a Map do. */
export function chainedHistory(
  ...events: (Omit<HistoryEvent, 'id' | 'timestamp'> & { previousEventId: number })[]
): HistoryEvent[] {
  return historyOf(...events);
}

export const started = { type: 'ExecutionStarted' } as const;
export const scheduled = { type: 'TaskScheduled' } as const;
export const succeeded = { type: 'TaskSucceeded' } as const;
export const entered = (name: string) =>
  ({ type: 'TaskStateEntered', stateEnteredEventDetails: { name } }) as const;
export const exited = (name: string) =>
  ({ type: 'TaskStateExited', stateExitedEventDetails: { name } }) as const;
export const failed = (error: string, cause: string) =>
  ({
    type: 'TaskFailed',
    taskFailedEventDetails: { error, cause, resource: 'invoke', resourceType: 'lambda' },
  }) as const;
