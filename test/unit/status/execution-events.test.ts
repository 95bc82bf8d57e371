import { describe, expect, it } from 'vitest';
import { type RunEvent, readHistory } from '../../../shared/status/execution-events.ts';
import {
  chainedHistory,
  entered,
  exited,
  failed,
  historyOf,
  scheduled,
  started,
  succeeded,
} from './execution-history.ts';

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
  { type: 'ChoiceStateEntered', stateEnteredEventDetails: { name: 'Did the run succeed' } },
  { type: 'ChoiceStateExited', stateExitedEventDetails: { name: 'Did the run succeed' } },
  { type: 'SucceedStateEntered', stateEnteredEventDetails: { name: 'BackupTaken' } },
  { type: 'SucceedStateExited', stateExitedEventDetails: { name: 'BackupTaken' } },
  { type: 'ExecutionSucceeded', executionSucceededEventDetails: {} },
);

const retried = historyOf(started, entered(COPY), scheduled, unreachable, scheduled, succeeded, exited(COPY));

const DRAIN = 'Drain the queue';
const killed = failed('Lambda.Unknown', 'the function was killed');
const lost = failed('Lambda.ServiceException', 'no room');

/** Two workers at the same time, as Step Functions writes it: each event names the one before it in its worker's chain. */
const drained = chainedHistory(
  { ...started, previousEventId: 0 },
  { type: 'MapStateEntered', stateEnteredEventDetails: { name: DRAIN }, previousEventId: 1 },
  { type: 'MapStateStarted', mapStateStartedEventDetails: { length: 2 }, previousEventId: 2 },
  {
    type: 'MapIterationStarted',
    mapIterationStartedEventDetails: { name: DRAIN, index: 0 },
    previousEventId: 3,
  },
  {
    type: 'MapIterationStarted',
    mapIterationStartedEventDetails: { name: DRAIN, index: 1 },
    previousEventId: 3,
  },
  { ...entered('Drain a share'), previousEventId: 4 },
  { ...scheduled, previousEventId: 6 },
  { ...entered('Drain a share'), previousEventId: 5 },
  { ...scheduled, previousEventId: 8 },
  { type: 'TaskStarted', previousEventId: 9 },
  { type: 'TaskStarted', previousEventId: 7 },
  { ...lost, previousEventId: 10 },
  { ...scheduled, previousEventId: 12 },
  { ...killed, previousEventId: 11 },
  { ...exited('Drain a share'), previousEventId: 14 },
  {
    type: 'PassStateEntered',
    stateEnteredEventDetails: { name: 'Worker died' },
    previousEventId: 15,
  },
  {
    type: 'PassStateExited',
    stateExitedEventDetails: { name: 'Worker died' },
    previousEventId: 16,
  },
  {
    type: 'MapIterationSucceeded',
    mapIterationSucceededEventDetails: { name: DRAIN, index: 0 },
    previousEventId: 17,
  },
  { ...succeeded, previousEventId: 13 },
  { ...exited('Drain a share'), previousEventId: 19 },
  {
    type: 'MapIterationSucceeded',
    mapIterationSucceededEventDetails: { name: DRAIN, index: 1 },
    previousEventId: 20,
  },
  { type: 'MapStateSucceeded', previousEventId: 21 },
  { type: 'MapStateExited', stateExitedEventDetails: { name: DRAIN }, previousEventId: 22 },
  {
    type: 'WaitStateEntered',
    stateEnteredEventDetails: { name: 'Wait for expired leases' },
    previousEventId: 23,
  },
  {
    type: 'WaitStateExited',
    stateExitedEventDetails: { name: 'Wait for expired leases' },
    previousEventId: 24,
  },
  { ...entered('Settle the account'), previousEventId: 25 },
);

/** The same without chains, as an emulator writes it that knows nothing of iterations. */
const unchained = historyOf(
  started,
  { type: 'MapStateEntered', stateEnteredEventDetails: { name: DRAIN } },
  scheduled,
  scheduled,
  killed,
  scheduled,
  succeeded,
  succeeded,
  { type: 'MapStateExited', stateExitedEventDetails: { name: DRAIN } },
  entered('Settle the account'),
);

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

  it('are one state for a Map, with the failures of its workers, and a wait that others must see', () => {
    expect(readHistory(drained)).toEqual<RunEvent[]>([
      { kind: 'entered', state: DRAIN, at: new Date('2026-11-22T04:00:01Z') },
      {
        kind: 'worker-failed',
        state: DRAIN,
        worker: 1,
        failure: { error: 'Lambda.ServiceException', cause: 'no room' },
      },
      {
        kind: 'worker-failed',
        state: DRAIN,
        worker: 0,
        failure: { error: 'Lambda.Unknown', cause: 'the function was killed' },
      },
      { kind: 'left', state: DRAIN, tookMs: 21_000, caught: null },
      { kind: 'entered', state: 'Wait for expired leases', at: new Date('2026-11-22T04:00:23Z') },
      { kind: 'left', state: 'Wait for expired leases', tookMs: 1_000, caught: null },
      { kind: 'entered', state: 'Settle the account', at: new Date('2026-11-22T04:00:25Z') },
    ]);
  });

  it('do not say which worker failed where the history does not', () => {
    expect(readHistory(unchained)).toEqual<RunEvent[]>([
      { kind: 'entered', state: DRAIN, at: new Date('2026-11-22T04:00:01Z') },
      {
        kind: 'worker-failed',
        state: DRAIN,
        worker: null,
        failure: { error: 'Lambda.Unknown', cause: 'the function was killed' },
      },
      { kind: 'left', state: DRAIN, tookMs: 7_000, caught: null },
      { kind: 'entered', state: 'Settle the account', at: new Date('2026-11-22T04:00:09Z') },
    ]);
  });

  it('tell a Map whose failure was caught as caught, with what its worker died of', () => {
    const failedMap = historyOf(
      started,
      { type: 'MapStateEntered', stateEnteredEventDetails: { name: DRAIN } },
      killed,
      { type: 'MapStateFailed' },
      { type: 'MapStateExited', stateExitedEventDetails: { name: DRAIN } },
    );
    expect(readHistory(failedMap).at(-1)).toEqual({
      kind: 'left',
      state: DRAIN,
      tookMs: 3_000,
      caught: { error: 'Lambda.Unknown', cause: 'the function was killed' },
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
    ['drained', drained],
    ['unchained', unchained],
  ])('of a %s run only grow at the end as its history grows', (_, history) => {
    const whole = readHistory(history);
    for (let length = 0; length <= history.length; length += 1) {
      const part = readHistory(history.slice(0, length));
      expect(part).toEqual(whole.slice(0, part.length));
    }
  });
});
