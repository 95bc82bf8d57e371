import { describe, expect, test } from 'vitest';
import { fail, lambdaReturns, lambdaThrows, type TaskResult } from '../../simulator/simulate.ts';
import { closed, opened } from '../describe-run-keeping.ts';
import { caughtFrom, failsWithoutCause, failures, payloadsOf, transient } from '../machine-under-test.ts';

import {
  emptied,
  input,
  inspected,
  ofRun,
  reportOf,
  rounds,
  settled,
  subscribed,
  walk,
  work,
  worker,
} from './scene.ts';

export function describeSubscription(): void {
  describe('ensuring the subscription', () => {
    const seen = lambdaReturns({ ...inspected, subscription: true });
    const ends = (...answers: TaskResult[]) =>
      walk(input, {
        ...opened,
        ...work,
        'Inspect the queue': seen,
        'Ensure the subscription': answers,
        ...closed,
      });

    test('comes before the canary where the plan has one, and is reported', async () => {
      const run = await ends(lambdaReturns(subscribed));
      expect(payloadsOf(run, 'Ensure the subscription')).toEqual([ofRun]);
      expect(run.visited.indexOf('Ensure the subscription')).toBeLessThan(
        run.visited.indexOf('Send the canary'),
      );
      expect(reportOf(run)).toMatchObject({
        outcome: 'replayed',
        steps: { inspect: { visible: 1_204 }, subscription: subscribed, account: settled() },
      });
    });

    test('is done once, however many rounds follow', async () => {
      const run = await walk(input, {
        ...opened,
        ...work,
        'Inspect the queue': seen,
        'Ensure the subscription': lambdaReturns(subscribed),
        'Drain a share': rounds([worker('time', 5), worker('empty', 5)], emptied),
        ...closed,
      });
      expect(payloadsOf(run, 'Ensure the subscription')).toHaveLength(1);
    });

    test('in vain is no reason not to replay, but shows', async () => {
      const denied = lambdaThrows('AuthorizationErrorException', 'sns:Subscribe is not allowed');
      const run = await ends(denied);
      expect(reportOf(run)).toMatchObject({
        outcome: 'replayed',
        failure: null,
        steps: {
          inspect: { visible: 1_204 },
          subscription: { failure: caughtFrom(denied) },
        },
      });
      expect(run.terminal).toBe('Replayed');
    });

    test.each([...transient.lambda, ...transient.secret])('goes on after %s', async (error) => {
      const run = await ends(fail(error), lambdaReturns(subscribed));
      expect(reportOf(run).steps.subscription).toEqual(subscribed);
    });

    test.each([
      ['Lambda.ServiceException', 3],
      ['Lambda.TooManyRequestsException', 8],
    ])('is given up where %s stays after %i retries', async (error, retries) => {
      const run = await ends(...failures(retries + 1, failsWithoutCause(error)));
      expect(reportOf(run).steps.subscription).toEqual({ failure: { error, cause: null } });
    });
  });
}
