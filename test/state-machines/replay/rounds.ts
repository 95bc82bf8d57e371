import { describe, expect, test } from 'vitest';
import { workerInEvidence } from '../../../shared/replay/round/assess-round.ts';
import {
  fail,
  lambdaReturns,
  lambdaThrows,
  type Run,
  type TaskCall,
  type TaskResult,
} from '../../simulator/simulate.ts';
import { closed, opened } from '../describe-run-keeping.ts';
import { argumentsOf, failsWithoutCause, failures, payloadsOf, transient } from '../machine-under-test.ts';

import {
  account,
  assessed,
  begun,
  canaryLives,
  continued,
  died,
  drains,
  emptied,
  failing,
  held,
  input,
  inspected,
  REASONS,
  reportOf,
  rounds,
  type Share,
  shares,
  unlocked,
  type Worker,
  walk,
  work,
  worker,
} from './scene.ts';

export function describeRounds(): void {
  describe('draining', () => {
    test('goes on in rounds while time ends them, and reports the last', async () => {
      const lastRound = [worker('empty', 3), worker('empty', 4)];
      const run = await drains(
        rounds(
          [worker('time', 500), worker('time', 501)],
          [worker('time', 500), worker('empty', 90)],
          lastRound,
        ),
      );
      const sent = payloadsOf(run, 'Drain a share') as { round: number; worker: string }[];
      expect(sent.map(({ round, worker }) => `${round}/${worker}`).toSorted()).toEqual([
        '1/0',
        '1/1',
        '2/0',
        '2/1',
        '3/0',
        '3/1',
      ]);
      expect(reportOf(run)).toMatchObject({
        outcome: 'replayed',
        steps: {
          drain: { rounds: 3, workers: lastRound.map(workerInEvidence) },
        },
      });
    });

    test('by one worker reports that one as a list of one', async () => {
      const alone = worker('empty', 7);
      const share = { rate: 200, inFlight: 50 };
      const run = await drains(rounds([alone]), { shares: [share] });
      expect(reportOf(run).steps.drain).toMatchObject({ workers: [workerInEvidence(alone)] });
    });

    test('is done by all workers at the same time, forty of them, and keeps what they say within the limits', async () => {
      const longest = '\u2028'.repeat(500);
      const wordy = worker('empty', 1, { reason: longest, lastFailure: longest });
      const run = await drains(() => lambdaReturns(wordy, { after: 60 }), {
        shares: Array.from({ length: 40 }, () => ({ rate: 5, inFlight: 1 })),
      });
      expect(run).toMatchObject({ terminal: 'Replayed', elapsedSeconds: 60 });
      const [first] = (reportOf(run).steps.drain as { workers: { reason: string; lastFailure: string }[] })
        .workers;
      expect(first).toMatchObject({ reason: longest.slice(0, 200), lastFailure: longest.slice(0, 200) });
    });

    test('keeps what forty dead workers say within the limits', async () => {
      const run = await drains(() => lambdaThrows('Broken', '🌊'.repeat(7_000)), {
        shares: Array.from({ length: 40 }, () => ({ rate: 5, inFlight: 1 })),
      });
      expect(run.cause).toMatch(
        /^workers died, and three rounds in a row took nothing out of the queue: Broken: (?:🌊)+…$/u,
      );
    });

    test('that one worker stopped is stopped, whatever the others say', async () => {
      const run = await drains(
        rounds([died, worker('time', 500), worker('stopped', 12), worker('empty', 0)]),
        {
          shares: [...shares, ...shares],
        },
      );
      expect(reportOf(run)).toMatchObject({ outcome: 'stopped', reason: REASONS.stopped });
      expect(run).toMatchObject({ status: 'FAILED', error: 'ReplayStopped', cause: REASONS.stopped });
    });

    test('whose time was over is a replay of as much as there was time for', async () => {
      const deadline = '2026-03-01T03:10:00.000Z';
      const run = await drains(
        rounds([
          lambdaReturns(worker('time', 400), { after: 600 }),
          lambdaReturns(worker('time', 400), { after: 600 }),
        ]),
        { deadline },
      );
      expect(payloadsOf(run, 'Drain a share')).toMatchObject([{ deadline }, { deadline }]);
      expect(reportOf(run)).toMatchObject({
        outcome: 'replayed',
        reason: 'its time was over',
      });
    });

    test('goes on before the time is over', async () => {
      const run = await drains(rounds([worker('time', 400), worker('time', 400)], emptied), {
        deadline: '2026-03-01T03:10:00.000Z',
      });
      expect(reportOf(run).reason).toBe('the queue has no more');
    });

    test('that fails as a whole proves nothing', async () => {
      const run = await walk(continued({ shares: 'none' }), { ...held, ...unlocked, ...closed });
      expect(reportOf(run)).toMatchObject({
        outcome: 'not-proven',
        reason: 'the queue was not drained: States.QueryEvaluationError',
      });
      expect(run.terminal).toBe('ReplayNotProven');
    });

    describe('by a worker that dies', () => {
      test('waits until its lease has ended, and takes up in another round what it held', async () => {
        const run = await drains(rounds([died, worker('empty', 500)], emptied));
        expect(run.visited.filter((state) => /^(?:Worker|Wait|Drain the|Assess)/.test(state))).toEqual([
          'Assess the round',
          'Drain the queue',
          'Worker died',
          'Assess the round',
          'Wait for expired leases',
          'Drain the queue',
          'Assess the round',
        ]);
        expect(run.elapsedSeconds).toBe(inspected.leaseSeconds);
        expect(reportOf(run)).toMatchObject({ outcome: 'replayed', failure: null });
      });

      test('is reported as dead, with its words', async () => {
        const late = lambdaReturns(worker('empty', 500), { after: 60 });
        const run = await drains(rounds([died, late]), { deadline: '2026-03-01T03:01:00.000Z' });
        expect(reportOf(run).steps.drain).toMatchObject({
          workers: [
            {
              ended: 'died',
              reason: 'Runtime.ExitError: RequestId: 1 Error: Runtime exited',
              lastFailure: null,
              settled: 0,
              retryable: 0,
            },
            { ended: 'empty' },
          ],
        });
      });

      test('three rounds in a row while nothing leaves the queue proves nothing', async () => {
        const run = await drains(
          rounds(
            [died, worker('empty', 500)],
            [died, worker('empty', 0)],
            [died, worker('time', 0)],
            [worker('empty', 0), died],
          ),
        );
        expect(reportOf(run)).toMatchObject({
          outcome: 'not-proven',
          reason:
            'workers died, and three rounds in a row took nothing out of the queue: Runtime.ExitError: RequestId: 1 Error: Runtime exited',
          steps: { drain: { rounds: 4 } },
        });
        expect(run).toMatchObject({ status: 'FAILED', error: 'ReplayNotProven' });
      });

      test('is no end while others take messages out of the queue', async () => {
        const halfDead = [died, worker('empty', 1)];
        const run = await drains(rounds(halfDead, halfDead, halfDead, halfDead, emptied));
        expect(run.terminal).toBe('Replayed');
      });

      test.each([...transient.lambda, ...transient.database])('starts it again after %s', async (error) => {
        const run = await drains(({ attempt }) =>
          attempt === 1 ? fail(error) : lambdaReturns(worker('empty', 5)),
        );
        expect(run.visited).not.toContain('Wait for expired leases');
        expect(reportOf(run).outcome).toBe('replayed');
      });

      test('gives it up after three retries', async () => {
        const run = await drains(({ arguments: sent, attempt }) => {
          const { round } = (sent as { Payload: { round: number } }).Payload;
          return round === 1 && attempt <= 4
            ? failsWithoutCause('Lambda.ServiceException')
            : lambdaReturns(worker('empty', 5));
        });
        expect(payloadsOf(run, 'Drain a share')).toHaveLength(2 * 4 + 2);
        expect(run.visited).toContain('Wait for expired leases');
      });

      test('is invoked again while Lambda takes no more invocations, and gives that up after eight retries', async () => {
        const run = await drains(({ arguments: sent, attempt }) => {
          const { round } = (sent as { Payload: { round: number } }).Payload;
          return round === 1 && attempt <= 9
            ? fail('Lambda.TooManyRequestsException', 'Rate Exceeded.')
            : lambdaReturns(worker('empty', 5));
        });
        expect(payloadsOf(run, 'Drain a share')).toHaveLength(2 * 9 + 2);
        expect(reportOf(run).outcome).toBe('replayed');
      });

      test('after its time counts as dead', async () => {
        const run = await drains(
          rounds([lambdaReturns(worker('empty', 5), { after: 931 }), worker('empty', 5)], emptied),
        );
        expect(run.elapsedSeconds).toBe(930 + inspected.leaseSeconds);
      });
    });

    describe('that leaves messages which failed', () => {
      test('takes them up in another round while messages leave the queue', async () => {
        const run = await drains(
          rounds(
            [failing('empty', 900, 8), worker('empty', 30)],
            [failing('empty', 5, 0), failing('empty', 0, 1)],
            [worker('empty', 3), worker('empty', 0)],
          ),
        );
        expect(reportOf(run)).toMatchObject({ outcome: 'replayed', steps: { drain: { rounds: 3 } } });
      });

      test('stops when a round takes nothing out of the queue any more: they are not replayed', async () => {
        const run = await drains(
          rounds(
            [failing('empty', 900, 5), worker('empty', 30)],
            [worker('empty', 0), failing('empty', 0, 1)],
          ),
        );
        const reason =
          'the last round took nothing out of the queue; messages that went back to it: 1; the last failure: mailblast.example.com answered 503';
        expect(reportOf(run)).toMatchObject({ outcome: 'stopped', reason });
        expect(run).toMatchObject({ status: 'FAILED', error: 'ReplayStopped', cause: reason });
      });

      test('stops after three rounds that time ended and that took nothing out of the queue', async () => {
        const slow = [failing('time', 0, 3), worker('empty', 0)];
        const run = await drains(rounds([failing('time', 1, 3), worker('empty', 0)], slow, slow, slow));
        const reason =
          'three rounds in a row took nothing out of the queue, and did not come to its end; the last failure: mailblast.example.com answered 503';
        expect(reportOf(run)).toMatchObject({ outcome: 'stopped', reason, steps: { drain: { rounds: 4 } } });
      });
    });

    describe('of so many messages', () => {
      const of = (max: number): Share => ({ rate: 100, inFlight: 25, max });
      const took = (received: number, more: Partial<Worker> = {}) => ({
        ...worker('count', received),
        ...more,
      });
      const sharesOf = (run: Run, round: number) =>
        (payloadsOf(run, 'Drain a share') as { round: number; share: Share }[])
          .filter((sent) => sent.round === round)
          .map(({ share }) => share.max)
          .toSorted();

      test('ends when all are taken, those of the canary among them', async () => {
        const run = await drains(
          rounds([took(97), took(100)]),
          { shares: [of(100), of(100)] },
          { options: { max: 200 } },
        );
        expect(sharesOf(run, 1)).toEqual([100, 97]);
        expect(reportOf(run)).toMatchObject({
          outcome: 'replayed',
          reason: 'it took as many as it was asked for, 200',
        });
      });

      test('goes on for the last one', async () => {
        const run = await drains(rounds([took(1)]), { shares: [of(4)] }, { options: { max: 4 } });
        expect(sharesOf(run, 1)).toEqual([1]);
        const again = await drains(
          rounds([worker('time', 96), took(100)], [took(1)]),
          { shares: [of(100), of(100)] },
          { options: { max: 200 } },
        );
        expect(sharesOf(again, 2)).toEqual([1]);
      });

      test('takes no more in another round than were left', async () => {
        const run = await drains(
          rounds([took(97), { ...worker('time', 60) }], [took(40)]),
          { shares: [of(100), of(100)] },
          { options: { max: 200 } },
        );
        expect(sharesOf(run, 2)).toEqual([40]);
        expect(reportOf(run).outcome).toBe('replayed');
      });

      test('takes none again that failed once all were taken', async () => {
        const run = await drains(
          rounds([failing('count', 90, 7), took(100)]),
          { shares: [of(100), of(100)] },
          { options: { max: 200 } },
        );
        expect(reportOf(run)).toMatchObject({ outcome: 'replayed', steps: { drain: { rounds: 1 } } });
      });

      test('lets a share begin anew whose worker died', async () => {
        const run = await drains(
          rounds([died, took(100)], [took(97)]),
          { shares: [of(100), of(100)] },
          { options: { max: 200 } },
        );
        expect(sharesOf(run, 2)).toEqual([97]);
        expect(reportOf(run).outcome).toBe('replayed');
      });

      test('ends with the queue where it has less', async () => {
        const run = await drains(
          rounds([worker('empty', 10), took(100)]),
          { shares: [of(100), of(100)] },
          { options: { max: 200 } },
        );
        expect(reportOf(run)).toMatchObject({ outcome: 'replayed', reason: 'the queue has no more' });
      });
    });
  });

  describe('assessing a round', () => {
    const ends = (...answers: TaskResult[]) =>
      walk(input, {
        ...begun,
        ...held,
        'Send the canary': lambdaReturns(canaryLives),
        'Assess the round': answers,
        ...unlocked,
        ...closed,
      });

    test.each(transient.lambda)('goes on after %s', async (error) => {
      let failed = false;
      const run = await walk(input, {
        ...opened,
        ...work,
        'Assess the round': (call) => {
          if (failed) return (assessed['Assess the round'] as (call: TaskCall) => TaskResult)(call);
          failed = true;
          return fail(error);
        },
        ...closed,
      });
      const [first, second] = argumentsOf(run, 'Assess the round');
      expect(second).toEqual(first);
      expect(run.terminal).toBe('Replayed');
    });

    test('is given up after three retries, and what was sent is in the account', async () => {
      const run = await ends(...failures(4, fail('Lambda.ServiceException')));
      expect(reportOf(run)).toMatchObject({
        outcome: 'not-proven',
        reason: 'the round was not assessed: Lambda.ServiceException',
        steps: { canary: canaryLives, account: { account: account.account } },
      });
      expect(run.cause).toBe('the round was not assessed: Lambda.ServiceException: no cause was given');
    });

    test('that never answers is given up', async () => {
      const never = { decision: { next: 'drain' as const }, shares, fruitless: 0, steps: {} };
      const run = await ends(lambdaReturns(never, { after: 61 }));
      expect(run).toMatchObject({ terminal: 'ReplayNotProven', elapsedSeconds: 60 });
    });
  });
}
