import { describe, expect, test } from 'vitest';
import type { handler as rehydrateQueue } from '../../functions/replay/rehydrate-queue.ts';
import type { RunReport } from '../../shared/run/report.ts';
import { fail, lambdaReturns, lambdaThrows, type TaskResult } from '../simulator/simulate.ts';
import { describeInputCheck } from './describe-input-check.ts';
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
  outcome: 'rehydrated',
  summary: '120 rows: 90 sent, 30 sent before',
};
const work: Answers = { 'Rehydrate the queue': lambdaReturns(filled) };
const rehydrated: RunReport = {
  machine: 'rehydrate',
  runId: 'nightly-1',
  runStartedAt: startedAt,
  executionArn: executionArn('rehydrate'),
  startedBy: 'an operator',
  subject: 'pending-campaigns',
  outcome: 'rehydrated',
  reason: filled.summary,
  failure: null,
  facts: {},
  steps: { fill: filled },
};

/** The queue is filled like this; later steps succeed. */
const fills = (...answers: TaskResult[]) =>
  walk(input, { ...opened, 'Rehydrate the queue': answers, ...closed });

describeInputCheck(machine, {
  name: 'rehydrate',
  input,
  own: [
    ['dryRun as text', { ...input, dryRun: 'true' }, 'dryRun: expected true or false, found string true'],
    ['dryRun misspelt, which would have sent everything', { ...input, dryrun: true }, 'unknown: dryrun'],
  ],
});

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
    expect(argumentsOf(run, 'Rehydrate the queue')).toEqual([
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

  test('that is dry says what it would send, and does not end as one that sent', async () => {
    const dry: typeof filled = {
      ...filled,
      outcome: 'dry-run',
      summary: '120 rows: 90 would be sent, 30 sent before',
    };
    const run = await walk(
      { ...input, dryRun: true },
      { ...opened, 'Rehydrate the queue': lambdaReturns(dry), ...closed },
    );
    expect(payloadsOf(run, 'Rehydrate the queue')).toMatchObject([{ dryRun: true }]);
    expect(payloadsOf(run, 'Record the run')).toEqual([
      { ...rehydrated, outcome: 'dry-run', reason: dry.summary, steps: { fill: dry } },
    ]);
    expect(run).toMatchObject({ status: 'SUCCEEDED', terminal: 'DryRunDone' });
  });

  test('that sent nothing does not end as one that filled the queue', async () => {
    const nothing: typeof filled = { ...filled, outcome: 'nothing-sent', sent: 0, alreadySent: 120 };
    const run = await walk(input, { ...opened, 'Rehydrate the queue': lambdaReturns(nothing), ...closed });
    expect(run).toMatchObject({
      status: 'SUCCEEDED',
      terminal: 'NothingSent',
      output: { outcome: 'nothing-sent' },
    });
  });

  test('that is told not to be dry is not', async () => {
    const run = await walk({ ...input, dryRun: false }, { ...opened, ...work, ...closed });
    expect(payloadsOf(run, 'Rehydrate the queue')).toMatchObject([{ dryRun: false }]);
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
      'Rehydrate the queue': fail('RehydrationInvalid', 'no column "key"'),
      'Record the run': fail('AccessDenied', 'no'),
      'Announce that recording failed': lambdaReturns({}),
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
      const [first, second] = argumentsOf(run, 'Rehydrate the queue');
      expect(second).toEqual(first);
      expect(payloadsOf(run, 'Record the run')).toEqual([rehydrated]);
    },
  );

  test('from a database that stays unreachable is given up after three retries', async () => {
    const unreachable = lambdaThrows('DatabaseUnreachable', 'database "main" could not be entered');
    const run = await fills(...failures(4, unreachable));
    expect(payloadsOf(run, 'Rehydrate the queue')).toHaveLength(4);
    expect(run).toMatchObject({ status: 'FAILED', terminal: 'RehydrationFailed' });
  });

  test('that never answers is given up, not tried again', async () => {
    const run = await fills(lambdaReturns(filled, { after: 931 }));
    expect(run).toMatchObject({
      terminal: 'RehydrationFailed',
      cause: "the queue was not filled again: States.Timeout: 'Rehydrate the queue' did not answer in time",
      elapsedSeconds: 930,
    });
  });
});

test('these runs walk every branch, catch, exhausted retry and end of the machine', () => {
  expect(machine.uncovered()).toEqual([]);
});
