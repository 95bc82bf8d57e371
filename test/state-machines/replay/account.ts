import { describe, expect, test } from 'vitest';
import { fail, lambdaReturns, lambdaThrows, ok } from '../../simulator/simulate.ts';
import { closed } from '../describe-run-keeping.ts';
import { caughtFrom, failures, payloadsOf, transient } from '../machine-under-test.ts';

import {
  account,
  assessed,
  begun,
  died,
  held,
  input,
  missing,
  REASONS,
  replayed,
  reportOf,
  settled,
  settles,
  settling,
  steps,
  walk,
  worker,
} from './scene.ts';

export function describeAccount(): void {
  describe('settling the account', () => {
    test('that does not add up proves nothing, and says why the replay ended too', async () => {
      const run = await settles(settling(missing));
      expect(payloadsOf(run, 'Record the run')).toEqual([
        {
          ...replayed,
          outcome: 'not-proven',
          reason: `the queue has no more; ${missing.words}`,
          steps: { ...steps, account: settled(undefined, missing) },
        },
      ]);
      expect(run).toMatchObject({
        status: 'FAILED',
        error: 'ReplayNotProven',
        cause: `the queue has no more; ${missing.words}`,
      });
    });

    test('says what is left in the queue, where somebody else may hide it too', async () => {
      const run = await settles(settling({ ...account, left: 1 }));
      expect(reportOf(run)).toMatchObject({
        outcome: 'replayed',
        reason: 'the queue has no more; left in the queue, hidden ones too: about 1',
      });
      const lost = await settles(settling({ ...missing, left: 7 }));
      expect(reportOf(lost).reason).toBe(
        `the queue has no more; left in the queue, hidden ones too: about 7; ${missing.words}`,
      );
    });

    test('that does not add up proves nothing of a replay that stopped either', async () => {
      const run = await walk(input, {
        ...begun,
        ...held,
        'Send the canary': lambdaReturns(worker('stopped', 0)),
        ...assessed,
        'Settle the account': settling(missing),
        'Unlock the queue': ok(),
        ...closed,
      });
      expect(reportOf(run)).toMatchObject({
        outcome: 'not-proven',
        reason: `${REASONS.stopped}; ${missing.words}`,
      });
    });

    test('in vain proves nothing, and lets the queue go', async () => {
      const unreadable = lambdaThrows('AccountUnreadable', 'the account of worker "a" cannot be read');
      const run = await settles(unreadable);
      expect(run.visited).toContain('Unlock the queue');
      expect(reportOf(run)).toMatchObject({
        outcome: 'not-proven',
        reason: 'the queue has no more; the account could not be settled: AccountUnreadable',
        failure: caughtFrom(unreadable),
      });
      expect(run.terminal).toBe('ReplayNotProven');
    });

    test('in vain after another failure keeps the first, which is the reason', async () => {
      const run = await walk(input, {
        ...begun,
        ...held,
        'Send the canary': died,
        'Settle the account': lambdaThrows('AccountUnreadable', 'no'),
        'Unlock the queue': ok(),
        ...closed,
      });
      expect(reportOf(run)).toMatchObject({
        reason:
          'the canary did not come to its end: Runtime.ExitError; the account could not be settled: AccountUnreadable',
        failure: caughtFrom(died),
      });
    });

    test.each(transient.lambda)('goes on after %s', async (error) => {
      const run = await settles([fail(error), lambdaReturns(settled())]);
      expect(reportOf(run)).toEqual(replayed);
    });

    test('is given up after five retries', async () => {
      const run = await settles(failures(6, fail('Lambda.ServiceException', 'Internal error')));
      expect(payloadsOf(run, 'Settle the account')).toHaveLength(6);
      expect(run.terminal).toBe('ReplayNotProven');
    });
  });
}
