import { describe, expect, test } from 'vitest';
import { parseDuration } from '../../../shared/plan/values/duration.ts';
import { EMPTY_ACCOUNT } from '../../../shared/replay/account/account.ts';
import { leaseOf } from '../../../shared/replay/worker/lease-duration.ts';
import { fail, lambdaReturns, lambdaThrows, ok, type TaskResult } from '../../simulator/simulate.ts';
import { closed, opened } from '../describe-run-keeping.ts';
import { caughtFrom, failures, payloadsOf, startedAt, transient } from '../machine-under-test.ts';

import {
  account,
  assessed,
  begun,
  canaryLives,
  emptied,
  held,
  input,
  inspected,
  replayed,
  reportOf,
  rounds,
  settling,
  subscribed,
  unlocked,
  walk,
  work,
  worker,
} from './scene.ts';

export function describeLock(): void {
  describe('locking the queue', () => {
    const conditionFailed = fail(
      'DynamoDB.ConditionalCheckFailedException',
      'The conditional request failed',
    );

    test('that another replay holds stops this one, which sends nothing and lets the other hold it', async () => {
      const run = await walk(input, {
        ...begun,
        'Lock the queue': conditionFailed,
        'Settle the account': settling({ ...account, account: EMPTY_ACCOUNT, workers: 0, left: 1_204 }),
        'Unlock the queue': conditionFailed,
        ...closed,
      });
      expect(run.visited).not.toContain('Send the canary');
      expect(reportOf(run)).toMatchObject({
        outcome: 'stopped',
        reason:
          'another replay holds this queue: wait for its end, or stop it and take it up again under its run id; left in the queue, hidden ones too: about 1204',
        facts: {},
      });
      expect(run).toMatchObject({ status: 'FAILED', error: 'ReplayStopped', cause: reportOf(run).reason });
    });

    test('that another replay took in the meantime stops this one after its round, with its account', async () => {
      const run = await walk(input, {
        ...begun,
        'Lock the queue': [ok(), ok(), conditionFailed],
        'Send the canary': lambdaReturns(canaryLives),
        ...assessed,
        'Drain a share': rounds([worker('time', 400), worker('time', 400)]),
        'Settle the account': settling(),
        'Unlock the queue': conditionFailed,
        ...closed,
      });
      expect(reportOf(run)).toMatchObject({
        outcome: 'stopped',
        steps: { account: { account: account.account } },
      });
    });

    test('in vain proves nothing', async () => {
      const denied = fail('DynamoDB.AccessDeniedException', 'not authorized');
      const run = await walk(input, { ...begun, 'Lock the queue': denied, ...unlocked, ...closed });
      expect(run.visited).not.toContain('Send the canary');
      expect(reportOf(run)).toMatchObject({
        outcome: 'not-proven',
        reason: 'the queue could not be locked: DynamoDB.AccessDeniedException',
        failure: caughtFrom(denied),
      });
      expect(run.terminal).toBe('ReplayNotProven');
    });

    test.each(transient.dynamodb)('goes on after %s', async (error) => {
      const run = await walk(input, {
        ...opened,
        ...work,
        'Lock the queue': [fail(error), ok(), ok()],
        ...closed,
      });
      expect(run.terminal).toBe('Replayed');
    });

    test('is given up after five retries', async () => {
      const throttled = failures(6, fail('DynamoDB.ThrottlingException', 'Rate exceeded'));
      const run = await walk(input, { ...begun, 'Lock the queue': throttled, ...unlocked, ...closed });
      expect(run.cause).toBe('the queue could not be locked: DynamoDB.ThrottlingException: Rate exceeded');
    });

    test('is done anew before each round, and lasts until the next at the slowest target', async () => {
      const lease = leaseOf({ function: { name: 'slow', timeout: parseDuration('5m') } }) / 1_000;
      const run = await walk(input, {
        ...opened,
        'Inspect the queue': lambdaReturns({ ...inspected, subscription: true, leaseSeconds: lease }),
        ...held,
        'Ensure the subscription': lambdaReturns(subscribed, { after: 119 }),
        'Send the canary': lambdaReturns(canaryLives, { after: 929 }),
        ...assessed,
        'Drain a share': rounds(
          [
            lambdaThrows('OutOfMemory', '', { after: 929 }),
            lambdaReturns(worker('empty', 600), { after: 929 }),
          ],
          emptied,
        ),
        ...unlocked,
        ...closed,
      });
      const start = Date.parse(startedAt);
      const holds = run.calls
        .filter(({ state }) => state === 'Lock the queue')
        .map(({ at, arguments: sent }) => ({
          at: start + at * 1_000,
          until: Number((sent as { Item: { until: { N: string } } }).Item.until.N),
        }));
      expect(holds.map(({ at }) => (at - start) / 1_000)).toEqual([0, 119 + 929, 119 + 929 + 929 + lease]);
      for (const [index, { until }] of holds.slice(0, -1).entries())
        expect(until).toBeGreaterThan(holds[index + 1]?.at ?? Number.POSITIVE_INFINITY);
    });
  });

  describe('unlocking the queue', () => {
    const ends = (...answers: TaskResult[]) =>
      walk(input, { ...opened, ...work, 'Unlock the queue': answers, ...closed });

    test.each(transient.dynamodb)('goes on after %s', async (error) => {
      const run = await ends(fail(error), ok());
      expect(reportOf(run)).toEqual(replayed);
    });

    test.each([
      ['that stays throttled', failures(6, fail('DynamoDB.ThrottlingException'))],
      ['that is denied', [fail('DynamoDB.AccessDeniedException', 'no')]],
    ])('%s is no failure: the hold ends by itself', async (_, answers) => {
      const run = await ends(...answers);
      expect(payloadsOf(run, 'Record the run')).toEqual([replayed]);
      expect(run.terminal).toBe('Replayed');
    });
  });
}
