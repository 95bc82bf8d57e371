import { describe, expect, test } from 'vitest';
import type { handler as rehydrateQueue } from '../../functions/replay/rehydrate-queue.ts';
import type { RunReport } from '../../shared/run/record-run.ts';
import { fail, lambdaReturns, lambdaThrows, type TaskResult } from '../simulator/simulate.ts';
import { closed, describeRunKeeping, opened, recorded } from './describe-run-keeping.ts';
import { type Answer, arnOf } from './functions.ts';
import {
  type Answers,
  argumentsOf,
  caughtFrom,
  executionArn,
  failures,
  machineUnderTest,
  payloadsOf,
  startedAt,
  transient,
} from './machine-under-test.ts';

const machine = machineUnderTest('rehydrate');
const { walk } = machine;

const input = { rehydration: 'pending-campaigns', startedBy: 'an operator' };
const filled: Answer<typeof rehydrateQueue> = {
  startedAt: '2026-03-01T03:00:01.000Z',
  finishedAt: '2026-03-01T03:00:09.000Z',
  rows: 120,
  sent: 90,
  alreadySent: 30,
  unknown: 0,
};
const work: Answers = { 'Fill the queue': lambdaReturns(filled) };
const rehydrated: RunReport = {
  machine: 'rehydrate',
  runId: 'nightly-1',
  runStartedAt: startedAt,
  executionArn: executionArn('rehydrate'),
  startedBy: 'an operator',
  subject: 'pending-campaigns',
  outcome: 'rehydrated',
  reason: '120 rows: 90 sent, 30 sent before',
  failure: null,
  facts: {},
  steps: { fill: filled },
};

/** The queue is filled like this; what follows goes well. */
const fills = (...answers: TaskResult[]) => walk(input, { ...opened, 'Fill the queue': answers, ...closed });

describeRunKeeping(machine, {
  name: 'rehydrate',
  input,
  work,
  report: rehydrated,
  terminal: 'Rehydrated',
  unopened: 'failed',
  called: 'REHYDRATION',
});

describe('a rehydration', () => {
  test('whose rows are all sent has rehydrated the queue', async () => {
    const run = await fills(lambdaReturns(filled));
    expect(argumentsOf(run, 'Fill the queue')).toEqual([
      {
        FunctionName: arnOf('RehydrateQueue'),
        Payload: {
          runId: 'nightly-1',
          runStartedAt: startedAt,
          rehydration: 'pending-campaigns',
          dryRun: false,
        },
      },
    ]);
    expect(payloadsOf(run, 'Record the run')).toEqual([rehydrated]);
    expect(run).toMatchObject({
      status: 'SUCCEEDED',
      terminal: 'Rehydrated',
      output: {
        runId: 'nightly-1',
        outcome: 'rehydrated',
        reason: rehydrated.reason,
        evidence: recorded.evidence,
      },
    });
  });

  test('that may have sent rows twice says how many', async () => {
    const run = await fills(lambdaReturns({ ...filled, unknown: 2 }));
    expect(payloadsOf(run, 'Record the run')).toMatchObject([
      {
        outcome: 'rehydrated',
        reason: '120 rows: 90 sent, 30 sent before; of those sent, 2 may have been sent before too',
      },
    ]);
  });

  test('that is dry says what it would send, and does not end as one that sent', async () => {
    const run = await walk({ ...input, dryRun: true }, { ...opened, ...work, ...closed });
    expect(payloadsOf(run, 'Fill the queue')).toMatchObject([{ dryRun: true }]);
    expect(payloadsOf(run, 'Record the run')).toEqual([
      { ...rehydrated, outcome: 'dry-run', reason: '120 rows: 90 would be sent, 30 sent before' },
    ]);
    expect(run).toMatchObject({ status: 'SUCCEEDED', terminal: 'DryRunDone' });
  });

  test('that is told not to be dry is not', async () => {
    const run = await walk({ ...input, dryRun: false }, { ...opened, ...work, ...closed });
    expect(payloadsOf(run, 'Fill the queue')).toMatchObject([{ dryRun: false }]);
    expect(run.terminal).toBe('Rehydrated');
  });

  test('of which some rows could not be sent fails, with the cause', async () => {
    const cause = 'rehydration "pending-campaigns" could not send 3 of 120 rows';
    const incomplete = lambdaThrows('RehydrationIncomplete', cause);
    const run = await fills(incomplete);
    expect(payloadsOf(run, 'Record the run')).toEqual([
      {
        ...rehydrated,
        outcome: 'failed',
        reason: 'the queue was not filled again: RehydrationIncomplete',
        failure: caughtFrom(incomplete),
        steps: {},
      },
    ]);
    expect(run).toMatchObject({
      status: 'FAILED',
      error: 'RehydrationFailed',
      cause: `the queue was not filled again: RehydrationIncomplete: ${cause}`,
    });
  });

  test('that failed and cannot be recorded is announced with both causes', async () => {
    const run = await walk(input, {
      ...opened,
      'Fill the queue': fail('RehydrationInvalid', 'no column "key"'),
      'Record the run': fail('AccessDenied', 'no'),
      'Announce that the run is unrecorded': lambdaReturns({}),
    });
    expect(run).toMatchObject({
      error: 'RunNotRecorded',
      cause:
        'The run ended as failed (the queue was not filled again: RehydrationInvalid: no column "key") and could not be recorded: AccessDenied: no',
    });
  });
});

describe('filling the queue', () => {
  test.each([...transient.lambda, ...transient.database, ...transient.ledger, ...transient.destination])(
    'goes on after %s',
    async (error) => {
      const run = await fills(fail(error), lambdaReturns(filled));
      const [first, second] = argumentsOf(run, 'Fill the queue');
      expect(second).toEqual(first);
      expect(payloadsOf(run, 'Record the run')).toEqual([rehydrated]);
    },
  );

  test('from a database that stays unreachable is given up after three retries', async () => {
    const unreachable = lambdaThrows('DatabaseUnreachable', 'database "main" could not be entered');
    const run = await fills(...failures(4, unreachable));
    expect(payloadsOf(run, 'Fill the queue')).toHaveLength(4);
    expect(run).toMatchObject({ status: 'FAILED', terminal: 'RehydrationFailed' });
  });

  test('that never answers is given up, not tried again', async () => {
    const run = await fills(lambdaReturns(filled, { after: 931 }));
    expect(run).toMatchObject({
      terminal: 'RehydrationFailed',
      cause: "the queue was not filled again: States.Timeout: 'Fill the queue' did not answer in time",
      elapsedSeconds: 930,
    });
  });
});

test('these runs walk every branch, catch, exhausted retry and end of the machine', () => {
  expect(machine.uncovered()).toEqual([]);
});
