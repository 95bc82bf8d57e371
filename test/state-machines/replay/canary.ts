import { describe, expect, test } from 'vitest';
import { fail, lambdaReturns } from '../../simulator/simulate.ts';
import { closed, opened } from '../describe-run-keeping.ts';
import { argumentsOf, caughtFrom, failures, payloadsOf, transient } from '../machine-under-test.ts';

import {
  account,
  accountOf,
  canaryLives,
  died,
  drains,
  emptied,
  endsWithCanary,
  input,
  inspected,
  replayed,
  reportOf,
  rounds,
  settled,
  walk,
  work,
  worker,
} from './scene.ts';

export function describeCanary(): void {
  describe('the canary', () => {
    test('that empties the queue is the whole replay', async () => {
      const empty = worker('empty', 2);
      const run = await endsWithCanary(lambdaReturns(empty));
      expect(run.visited).not.toContain('Drain the queue');
      expect(payloadsOf(run, 'Record the run')).toEqual([
        { ...replayed, steps: { inspect: inspected, canary: empty, account: settled() } },
      ]);
      expect(run.terminal).toBe('Replayed');
    });

    test('that stops is followed by nothing', async () => {
      const reason = 'the canary failed: mailblast.example.com answered 503';
      const run = await endsWithCanary(lambdaReturns(worker('stopped', 0, { reason })));
      expect(run.visited).not.toContain('Drain the queue');
      expect(reportOf(run)).toMatchObject({ outcome: 'stopped', reason });
      expect(run).toMatchObject({ status: 'FAILED', error: 'ReplayStopped', cause: reason });
    });

    test('that dies proves nothing, and what it did is in the account', async () => {
      const run = await endsWithCanary(died);
      expect(reportOf(run)).toMatchObject({
        outcome: 'not-proven',
        reason: 'the canary did not come to its end: Runtime.ExitError',
        failure: caughtFrom(died),
        steps: { inspect: inspected, account: { account: account.account } },
      });
      expect(run).toMatchObject({ status: 'FAILED', error: 'ReplayNotProven' });
    });

    test('whose run was given so little time has taken it all', async () => {
      const deadline = '2026-03-01T03:00:30.000Z';
      const run = await endsWithCanary(lambdaReturns(worker('time', 1), { after: 30 }), { deadline });
      expect(payloadsOf(run, 'Send the canary')).toMatchObject([{ deadline }]);
      expect(reportOf(run)).toMatchObject({
        outcome: 'replayed',
        reason: 'its time was over',
      });
    });

    test('that delivered some in the time of its function is enough to go on', async () => {
      const run = await drains(rounds(emptied), {}, { canary: worker('time', 2) });
      expect(run.terminal).toBe('Replayed');
    });

    test('that found nothing to deliver in the time of its function is not, and is no replay either', async () => {
      const passedOver = worker('time', 0, {
        account: accountOf({ received: 20_000, returned: 20_000, reasons: { filtered: 20_000 } }),
      });
      const run = await endsWithCanary(lambdaReturns(passedOver), {
        deadline: '2026-03-01T05:00:00.000Z',
      });
      expect(run).toMatchObject({
        status: 'FAILED',
        error: 'ReplayStopped',
        cause:
          'the canary found nothing to deliver in its time: ask for what is nearer to the front of the queue',
      });
    });

    test('that took as many as the whole replay was asked for is the replay', async () => {
      const run = await endsWithCanary(
        lambdaReturns(canaryLives),
        { shares: [{ rate: 200, inFlight: 50, max: 3 }] },
        { max: 3 },
      );
      expect(run.visited).not.toContain('Drain the queue');
      expect(reportOf(run)).toMatchObject({
        outcome: 'replayed',
        reason: 'it took as many as it was asked for, 3',
      });
    });

    test.each([...transient.lambda, ...transient.database])('goes on after %s', async (error) => {
      const run = await walk(input, {
        ...opened,
        ...work,
        'Send the canary': [fail(error), lambdaReturns(canaryLives)],
        ...closed,
      });
      const [first, second] = argumentsOf(run, 'Send the canary');
      expect(second).toEqual(first);
      expect(run.terminal).toBe('Replayed');
    });

    test('is given up after three retries', async () => {
      const run = await endsWithCanary(failures(4, fail('Lambda.ServiceException')));
      expect(run.cause).toBe(
        'the canary did not come to its end: Lambda.ServiceException: no cause was given',
      );
    });

    test('that never answers is given up', async () => {
      const run = await endsWithCanary(lambdaReturns(canaryLives, { after: 931 }));
      expect(run).toMatchObject({ terminal: 'ReplayNotProven', elapsedSeconds: 930 });
    });
  });
}
