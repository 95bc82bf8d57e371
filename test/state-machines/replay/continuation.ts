import { describe, expect, test } from 'vitest';
import { workerInEvidence } from '../../../shared/replay/round/assess-round.ts';
import { fail, lambdaReturns, ok, type TaskResult } from '../../simulator/simulate.ts';
import { closed } from '../describe-run-keeping.ts';
import {
  type Answers,
  argumentsOf,
  executionArn,
  failures,
  payloadsOf,
  startedAt,
  transient,
} from '../machine-under-test.ts';

import {
  account,
  assessed,
  assessing,
  begun,
  canaryLives,
  continued,
  died,
  drained,
  emptyQueue,
  held,
  input,
  inspected,
  ofRun,
  replayed,
  reportOf,
  rounds,
  unlocked,
  walk,
  worker,
} from './scene.ts';

export function describeContinuation(): void {
  describe('a run of many rounds', () => {
    const untilItsEnd = [worker('time', 500), worker('time', 500)];
    const started = ok({ ExecutionArn: executionArn('replay', 'next'), StartDate: 1_772_334_000 });
    const many = Array.from({ length: 12 }, () => untilItsEnd);
    const goesOn = (answers: TaskResult | TaskResult[], more: Answers = {}, given: object = {}) =>
      walk(
        { ...input, ...given },
        {
          ...begun,
          ...held,
          'Send the canary': lambdaReturns(canaryLives),
          ...assessed,
          'Drain a share': rounds(...many),
          'Continue as a new execution': answers,
          ...more,
        },
      );
    const failsToGoOn = (...answers: TaskResult[]) => goesOn(answers, { ...unlocked, ...closed });

    test('goes on as a new execution, which is told all that this one knows', async () => {
      const incident = { failedAt: '2026-03-01T02:58:00.000Z' };
      const run = await goesOn(started, {}, { incident });
      expect(argumentsOf(run, 'Continue as a new execution')).toEqual([
        {
          StateMachineArn: 'arn:aws:states:eu-west-1:123456789012:stateMachine:replay',
          Name: expect.stringMatching(/^nightly-1-13-[0-9a-f]{8}$/),
          Input: continued({
            facts: { incident },
            steps: {
              inspect: inspected,
              canary: canaryLives,
              drain: {
                ...drained,
                rounds: 12,
                workers: untilItsEnd.map(workerInEvidence),
              },
            },
          }),
        },
      ]);
      expect(run).toMatchObject({
        status: 'SUCCEEDED',
        terminal: 'ContinuedElsewhere',
        output: { runId: 'nightly-1', continuedBy: executionArn('replay', 'next') },
      });
      expect(run.visited).not.toContain('Unlock the queue');
      expect(run.visited).not.toContain('Record the run');
    });

    test('is continued under the same run id, record and lock, and settled with the account of all', async () => {
      const before = await goesOn(started);
      const [{ Input = {} } = {}] = argumentsOf(before, 'Continue as a new execution') as {
        Input?: object;
      }[];
      const startTime = '2026-03-01T07:00:00.000Z';
      const run = await walk(
        Input,
        {
          ...held,
          'Drain a share': () => lambdaReturns(worker('empty', 4)),
          'Assess the round': assessing(startTime),
          ...unlocked,
          ...closed,
        },
        { executionName: 'next', startTime },
      );
      expect(run.visited).not.toContain('Open the run');
      expect(run.visited).not.toContain('Send the canary');
      expect(payloadsOf(run, 'Drain a share')).toMatchObject([
        { ...ofRun, round: 13 },
        { ...ofRun, round: 13 },
      ]);
      expect(argumentsOf(run, 'Lock the queue')).toMatchObject([
        {
          Item: { owner: { S: 'nightly-1' }, until: { N: String(Date.parse(startTime) + 200 * 60_000) } },
        },
      ]);
      expect(payloadsOf(run, 'Settle the account')).toEqual([{ ...ofRun, ...emptyQueue, hiddenBefore: 0 }]);
      expect(payloadsOf(run, 'Record the run')).toMatchObject([
        {
          ...replayed,
          executionArn: executionArn('replay', 'next'),
          steps: {
            inspect: inspected,
            canary: canaryLives,
            drain: { startedAt, finishedAt: startTime, rounds: 13 },
          },
        },
      ]);
      expect(run).toMatchObject({ status: 'SUCCEEDED', terminal: 'Replayed' });
    });

    test('goes on a second time', async () => {
      const run = await walk(
        continued(),
        {
          ...held,
          'Drain a share': () => lambdaReturns(worker('time', 500)),
          ...assessed,
          'Continue as a new execution': started,
        },
        { executionName: 'next' },
      );
      const [{ Name, Input } = {}] = argumentsOf(run, 'Continue as a new execution') as {
        Name?: string;
        Input?: object;
      }[];
      expect(Name).toMatch(/^nightly-1-26-/);
      expect(Input).toMatchObject({ runId: 'nightly-1', continues: { round: 26, runStartedAt: startedAt } });
    });

    test('counts rounds in vain across executions', async () => {
      const run = await walk(continued({ fruitless: 2 }), {
        ...held,
        'Drain a share': () => died,
        ...assessed,
        ...unlocked,
        ...closed,
      });
      expect(payloadsOf(run, 'Drain a share')).toHaveLength(2);
      expect(run.terminal).toBe('ReplayNotProven');
    });

    test('finds names of at most 80 characters that no other execution has', async () => {
      const runId = `replay-${'q'.repeat(31)}-${'0'.repeat(16)}-${'x'.repeat(25)}`;
      expect(runId).toHaveLength(81);
      const names = [];
      for (const executionName of ['one', 'another']) {
        const run = await walk(
          { ...continued(), runId: runId.slice(1) },
          {
            ...held,
            'Drain a share': () => lambdaReturns(worker('time', 500)),
            ...assessed,
            'Continue as a new execution': started,
          },
          { executionName },
        );
        names.push((argumentsOf(run, 'Continue as a new execution') as { Name: string }[])[0]?.Name ?? '');
      }
      expect(names.map(({ length }) => length <= 80)).toEqual([true, true]);
      expect(new Set(names).size).toBe(2);
    });

    test.each(transient.stepFunctions)('asks again, for the same, after %s', async (error) => {
      const run = await goesOn([fail(error), started]);
      const [first, second] = argumentsOf(run, 'Continue as a new execution');
      expect(second).toEqual(first);
      expect(run.terminal).toBe('ContinuedElsewhere');
    });

    test('that cannot go on is settled here, lets the queue go, and proves nothing', async () => {
      const denied = fail('StepFunctions.StateMachineDoesNotExistException', 'State Machine Does Not Exist');
      const run = await failsToGoOn(denied);
      expect(run.visited).toContain('Unlock the queue');
      expect(reportOf(run)).toMatchObject({
        outcome: 'not-proven',
        reason: 'the run could not be continued: StepFunctions.StateMachineDoesNotExistException',
        steps: { account: { account: account.account } },
      });
      expect(run.terminal).toBe('ReplayNotProven');
    });

    test('is given up after five retries', async () => {
      const run = await failsToGoOn(
        ...failures(6, fail('StepFunctions.AWSStepFunctionsException', 'Rate exceeded')),
      );
      expect(run.cause).toBe(
        'the run could not be continued: StepFunctions.AWSStepFunctionsException: Rate exceeded',
      );
    });
  });
}
