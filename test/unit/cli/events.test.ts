import { describe, expect, it } from 'vitest';
import { type RunEvent, readHistory } from '../../../cli/follow/events.ts';
import { entered, exited, failed, historyOf, scheduled, started, succeeded } from './history.ts';

const COPY = 'Copy the database';
const unreachable = failed(
  'DatabaseUnreachable',
  '{"errorType":"DatabaseUnreachable","errorMessage":"connect timed out"}',
);

const smooth = historyOf(
  started,
  entered(COPY),
  scheduled,
  succeeded,
  exited(COPY),
  { type: 'ChoiceStateEntered', stateEnteredEventDetails: { name: 'Judge the outcome' } },
  { type: 'ChoiceStateExited', stateExitedEventDetails: { name: 'Judge the outcome' } },
  { type: 'SucceedStateEntered', stateEnteredEventDetails: { name: 'BackupTaken' } },
  { type: 'SucceedStateExited', stateExitedEventDetails: { name: 'BackupTaken' } },
  { type: 'ExecutionSucceeded', executionSucceededEventDetails: {} },
);

const retried = historyOf(started, entered(COPY), scheduled, unreachable, scheduled, succeeded, exited(COPY));

const caught = historyOf(
  started,
  entered(COPY),
  scheduled,
  unreachable,
  exited(COPY),
  entered('Record the run'),
);

describe('the events of a history', () => {
  it('are its tasks, with the time each took, and its end; choices and terminals are passed over', () => {
    expect(readHistory(smooth)).toEqual<RunEvent[]>([
      { kind: 'entered', state: COPY, at: new Date('2026-11-22T04:00:01Z') },
      { kind: 'left', state: COPY, tookMs: 3_000, caught: null },
      { kind: 'ended', end: { status: 'SUCCEEDED', error: null, cause: null } },
    ]);
  });

  it('tell a failure that another attempt follows as retried, and the state as left without an error', () => {
    expect(readHistory(retried).slice(1)).toEqual<RunEvent[]>([
      {
        kind: 'attempt-failed',
        state: COPY,
        attempt: 1,
        failure: { error: 'DatabaseUnreachable', cause: 'connect timed out' },
      },
      { kind: 'retried', state: COPY, attempt: 2 },
      { kind: 'left', state: COPY, tookMs: 5_000, caught: null },
    ]);
  });

  it('tell a failure that the exit of its state follows as caught', () => {
    expect(readHistory(caught)).toContainEqual({
      kind: 'left',
      state: COPY,
      tookMs: 3_000,
      caught: { error: 'DatabaseUnreachable', cause: 'connect timed out' },
    });
  });

  it('count an attempt that failed before it was scheduled, as a wrong expression does, as the first', () => {
    const evaluation = {
      type: 'EvaluationFailed',
      evaluationFailedEventDetails: { error: 'States.QueryEvaluationError', cause: 'no result', state: COPY },
    } as const;
    expect(readHistory(historyOf(started, entered(COPY), evaluation)).at(-1)).toEqual({
      kind: 'attempt-failed',
      state: COPY,
      attempt: 1,
      failure: { error: 'States.QueryEvaluationError', cause: 'no result' },
    });
  });

  it.each([
    [
      { type: 'ExecutionFailed', executionFailedEventDetails: { error: 'BackupFailed', cause: 'c' } },
      'FAILED',
      'BackupFailed',
    ],
    [{ type: 'ExecutionTimedOut' }, 'TIMED_OUT', null],
    [{ type: 'ExecutionAborted', executionAbortedEventDetails: { error: 'Stopped' } }, 'ABORTED', 'Stopped'],
  ] as const)('end with %j as %s', (event, status, error) => {
    expect(readHistory(historyOf(started, event)).at(-1)).toMatchObject({
      kind: 'ended',
      end: { status, error },
    });
  });

  it.each([
    ['smooth', smooth],
    ['retried', retried],
    ['caught', caught],
  ])('of a %s run only grow at the end as its history grows', (_, history) => {
    const whole = readHistory(history);
    for (let length = 0; length <= history.length; length += 1) {
      const part = readHistory(history.slice(0, length));
      expect(part).toEqual(whole.slice(0, part.length));
    }
  });
});
