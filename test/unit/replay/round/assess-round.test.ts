import { describe, expect, test } from 'vitest';
import { type Account, EMPTY_ACCOUNT } from '../../../../shared/replay/account/account.ts';
import { assessRound, type Round, workerInEvidence } from '../../../../shared/replay/round/assess-round.ts';
import type { DeadWorker, WorkerAnswer } from '../../../../shared/replay/round/worker-answer.ts';

const now = new Date('2026-03-01T03:10:00.000Z');
const share = { rate: 100, inFlight: 25 };

function worker(
  ended: WorkerAnswer['ended'],
  known: Partial<Account> & Partial<WorkerAnswer> = {},
): WorkerAnswer {
  const { received = 0, delivered = 0, reasons = {}, ...more } = known;
  return {
    startedAt: '2026-03-01T03:00:06.000Z',
    finishedAt: '2026-03-01T03:01:06.000Z',
    ended,
    reason: `it ended: ${ended}`,
    lastFailure: null,
    account: { ...EMPTY_ACCOUNT, received, delivered, reasons },
    settled: delivered,
    retryable: 0,
    ...more,
  };
}
const died: DeadWorker = { ended: 'died', reason: 'Runtime.ExitError: RequestId: 1' };
const failed = (ended: WorkerAnswer['ended'], retryable: number, delivered = 0) =>
  worker(ended, { delivered, retryable, lastFailure: 'mailblast.example.com answered 503' });

const round = (workers: Round['workers'], known: Partial<Round> = {}): Round => ({
  number: 1,
  workers,
  shares: workers.map(() => share),
  fruitlessBefore: 0,
  deadline: null,
  max: null,
  ...known,
});
const decide = (workers: Round['workers'], known: Partial<Round> = {}) =>
  assessRound(round(workers, known), now).decision;
const canary = (answer: WorkerAnswer, known: Partial<Round> = {}) =>
  decide([answer], { number: 0, shares: [share, share], ...known });

const passed = worker('count', { received: 3, delivered: 3 });
const over = { deadline: now };
const notYet = { deadline: new Date(now.getTime() + 1) };
const replayed = (reason: string) => ({ next: 'settle', outcome: 'replayed', reason });
const stopped = (reason: string) => ({ next: 'settle', outcome: 'stopped', reason });

describe('after the canary', () => {
  test.each<[string, ReturnType<typeof canary>, object]>([
    ['that passed, the queue is drained', canary(passed), { next: 'drain' }],
    [
      'that had time for some, the queue is drained',
      canary(worker('time', { delivered: 2 })),
      { next: 'drain' },
    ],
    ['before the time is over, the queue is drained', canary(passed, notYet), { next: 'drain' }],
    ['that stopped, the replay is stopped', canary(worker('stopped')), stopped('it ended: stopped')],
    [
      'that stopped when the time was over, the replay is stopped',
      canary(worker('stopped'), over),
      stopped('it ended: stopped'),
    ],
    [
      'that emptied the queue, except for one that failed while others were accepted, the queue is drained',
      canary({ ...worker('empty', { delivered: 2, reasons: { failed: 1 } }), retryable: 1 }),
      { next: 'drain' },
    ],
    [
      'that found only what earlier runs suspect, the queue is drained: the next round decides on it',
      canary({ ...worker('empty', { reasons: { suspect: 2 } }), retryable: 2 }),
      { next: 'drain' },
    ],
    [
      'whose only message failed, the replay is stopped: nothing tells poison from a receiver that is down',
      canary({ ...worker('empty', { reasons: { failed: 1 } }), retryable: 1, lastFailure: 'HTTP 500' }),
      stopped('the canary failed, and the target accepted nothing; the last failure: HTTP 500'),
    ],
    [
      'whose only message got no answer in all of its time, the replay is stopped',
      canary({ ...worker('time', { reasons: { unknown: 1 } }), retryable: 1, lastFailure: 'no answer' }),
      stopped('the canary failed, and the target accepted nothing; the last failure: no answer'),
    ],
    ['that emptied the queue, all is replayed', canary(worker('empty')), replayed('it ended: empty')],
    [
      'that took all that was asked for, all is replayed',
      canary(passed, { shares: [{ ...share, max: 3 }], max: 3 }),
      replayed('it took as many as it was asked for, 3'),
    ],
    ['when the time is over, the replay ends', canary(passed, over), replayed('its time was over')],
    [
      'that found nothing to deliver, the replay is stopped',
      canary(worker('time', { received: 20_000 })),
      stopped(
        'the canary found nothing to deliver in its time: ask for what is nearer to the front of the queue',
      ),
    ],
  ])('%s', (_, decision, expected) => {
    expect(decision).toEqual(expected);
  });

  test('its messages are taken off the first share, and no round is fruitless yet', () => {
    const shares = [
      { ...share, max: 5 },
      { ...share, max: 4 },
    ];
    expect(assessRound(round([passed], { number: 0, shares, max: 9 }), now)).toEqual({
      decision: { next: 'drain' },
      shares: [
        { ...share, max: 2 },
        { ...share, max: 4 },
      ],
      fruitless: 0,
    });
  });

  test('one that died is not assessed: its failure ends the run before', () => {
    expect(() => assessRound(round([died], { number: 0 }), now)).toThrow(TypeError);
  });
});

describe('after a round', () => {
  const busy = worker('time', { received: 400, delivered: 400 });
  const idle = worker('time');
  const empty = worker('empty', { received: 4, delivered: 4 });

  test.each<[string, ReturnType<typeof decide>, object]>([
    [
      'of which all found the queue empty, all is replayed',
      decide([empty, empty]),
      replayed('the queue has no more'),
    ],
    ['that time ended, another follows', decide([busy, empty]), { next: 'drain' }],
    [
      'that time ended twice without progress, another follows',
      decide([idle], { fruitlessBefore: 1 }),
      { next: 'drain' },
    ],
    [
      'that time ended three times without progress, the replay is stopped',
      decide([failed('time', 3)], { fruitlessBefore: 2 }),
      stopped(
        'three rounds in a row took nothing out of the queue, and did not come to its end; the last failure: mailblast.example.com answered 503',
      ),
    ],
    [
      'without progress and without a failure, the reason says so',
      decide([idle], { fruitlessBefore: 2 }),
      stopped(
        'three rounds in a row took nothing out of the queue, and did not come to its end; the last failure: none',
      ),
    ],
    [
      'in which a worker stopped, the replay is stopped, whatever the others say',
      decide([died, busy, worker('stopped'), empty], over),
      stopped('it ended: stopped'),
    ],
    ['in which a worker died, leases are awaited', decide([died, empty]), { next: 'wait' }],
    [
      'in which a worker died without progress, leases are awaited',
      decide([died], { fruitlessBefore: 1 }),
      { next: 'wait' },
    ],
    [
      'in which a worker died, the third without progress, nothing is proven',
      decide([died, worker('empty')], { fruitlessBefore: 2 }),
      {
        next: 'settle',
        outcome: 'not-proven',
        reason:
          'workers died, and three rounds in a row took nothing out of the queue: Runtime.ExitError: RequestId: 1',
      },
    ],
    [
      'in which a worker died when the time was over, the replay ends',
      decide([died, empty], over),
      replayed('its time was over'),
    ],
    ['at whose end the time is over, the replay ends', decide([busy], over), replayed('its time was over')],
    ['before the time is over, another follows', decide([busy], notYet), { next: 'drain' }],
    [
      'in which all was taken that was asked for, the replay ends',
      decide([worker('count', { received: 4, delivered: 4 })], { shares: [{ ...share, max: 4 }], max: 9 }),
      replayed('it took as many as it was asked for, 9'),
    ],
    [
      'in which all was taken, those that failed are not taken again',
      decide([{ ...failed('count', 4), account: { ...EMPTY_ACCOUNT, received: 4, returned: 4 } }], {
        shares: [{ ...share, max: 4 }],
        max: 4,
      }),
      replayed('it took as many as it was asked for, 4'),
    ],
    [
      'with progress, messages that went back are taken again',
      decide([failed('empty', 2, 5)]),
      { next: 'drain' },
    ],
    [
      'without progress, messages that went back stop the replay',
      decide([worker('empty'), failed('empty', 1), failed('empty', 2)]),
      stopped(
        'the last round took nothing out of the queue; messages that went back to it: 3; the last failure: mailblast.example.com answered 503',
      ),
    ],
  ])('%s', (_, decision, expected) => {
    expect(decision).toEqual(expected);
  });

  test('each share is what its worker left of it, and a worker that died begins its share again', () => {
    const of = (max: number) => ({ ...share, max });
    const took = (received: number) => worker('count', { received });
    const { shares } = assessRound(
      round([took(10), died, took(4), took(7)], { shares: [of(10), of(5), of(5), of(7)], max: 27 }),
      now,
    );
    expect(shares).toEqual([of(5), of(1)]);
  });

  test('shares without an end stay as they are', () => {
    expect(assessRound(round([busy, died]), now).shares).toEqual([share, share]);
  });

  test.each([
    ['begins anew with each message that left the queue', [died, worker('time', { delivered: 1 })], 0],
    ['grows while no message left it', [died, idle], 3],
  ])('the count of fruitless rounds %s', (_, workers, fruitless) => {
    expect(assessRound(round(workers, { fruitlessBefore: 2 }), now).fruitless).toBe(fruitless);
  });
});

describe('the evidence of a worker', () => {
  test('has how it ended and what it did', () => {
    expect(workerInEvidence(failed('empty', 2, 5))).toEqual({
      ended: 'empty',
      reason: 'it ended: empty',
      lastFailure: 'mailblast.example.com answered 503',
      settled: 5,
      retryable: 2,
    });
  });

  test('that died has its error, and nothing that it did', () => {
    expect(workerInEvidence(died)).toEqual({
      ended: 'died',
      reason: died.reason,
      lastFailure: null,
      settled: 0,
      retryable: 0,
    });
  });

  test('cuts long sentences between characters', () => {
    const { reason, lastFailure } = workerInEvidence(
      worker('time', { reason: `x${'🌊'.repeat(240)}`, lastFailure: 'y'.repeat(300) }),
    );
    expect(reason).toHaveLength(200);
    expect(reason.isWellFormed()).toBe(true);
    expect(lastFailure).toHaveLength(200);
  });
});
