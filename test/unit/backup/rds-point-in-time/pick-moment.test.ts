import { describe, expect, test } from 'vitest';
import { judgeStop, pickMoment } from '../../../../shared/backup/rds-point-in-time/pick-moment.ts';

const at = (time: string) => new Date(`2026-03-08T${time}Z`);
const window = { earliest: at('00:00:00.000'), latest: at('12:00:00.000') };
const picked = (before: string, moment: string, after: string) => ({
  kind: 'picked',
  before: at(before),
  moment: at(moment),
  after: at(after),
});

describe('the moment to restore', () => {
  test.each([
    [
      'in the middle',
      ['11:00:00.000', '11:01:00.000'],
      picked('11:00:00.000', '11:00:30.000', '11:01:00.000'),
    ],
    [
      'as a whole second',
      ['11:00:00.100', '11:01:00.300'],
      picked('11:00:00.100', '11:00:30.000', '11:01:00.300'),
    ],
    [
      'the newest of several, in any order',
      ['11:01:00.000', '10:59:00.000', '11:00:00.000'],
      picked('11:00:00.000', '11:00:30.000', '11:01:00.000'),
    ],
    [
      'not after the window',
      ['11:58:00.000', '11:59:40.000', '12:00:40.000'],
      picked('11:58:00.000', '11:58:50.000', '11:59:40.000'),
    ],
    [
      'before a heartbeat that cannot be restored yet',
      ['11:59:20.000', '12:00:40.000'],
      picked('11:59:20.000', '12:00:00.000', '12:00:40.000'),
    ],
    [
      'not where a heartbeat was delayed to the next one',
      ['11:00:00.000', '11:01:55.000', '11:02:00.000'],
      picked('11:00:00.000', '11:00:58.000', '11:01:55.000'),
    ],
    [
      'across heartbeats that were missed',
      ['09:00:00.000', '11:00:00.000'],
      picked('09:00:00.000', '10:00:00.000', '11:00:00.000'),
    ],
  ])('is %s', (_, beats, expected) => {
    expect(pickMoment(beats.map(at), window)).toEqual(expected);
  });

  test.each([
    ['without heartbeats', [], 'it takes two heartbeats, and there are 0'],
    ['with one', ['11:00:00.000'], 'it takes two heartbeats, and there are 1'],
    ['with one twice', ['11:00:00.000', '11:00:00.000'], 'it takes two heartbeats, and there are 1'],
    [
      'with two too near',
      ['11:00:00.000', '11:00:09.000'],
      'is 5 seconds away from the heartbeats around it',
    ],
    [
      'with all after the window',
      ['12:01:00.000', '12:02:00.000'],
      'no moment from 20260308T000000Z to 20260308T120000Z',
    ],
  ])('does not exist %s', (_, beats, because) => {
    expect(pickMoment(beats.map(at), window)).toEqual({
      kind: 'none',
      because: expect.stringContaining(because),
    });
  });

  test('does not exist before the window', () => {
    const beats = [new Date('2026-03-07T23:58:00Z'), new Date('2026-03-07T23:59:00Z')];
    expect(pickMoment(beats, window)).toMatchObject({ kind: 'none' });
  });
});

describe('a restored copy', () => {
  const moment = { before: at('11:00:00.000'), moment: at('11:00:30.000'), after: at('11:01:00.000') };
  test.each([
    ['11:00:00.000', 'exact', ''],
    ['10:59:00.000', 'too early', 'that of 2026-03-08T11:00:00.000Z is missing'],
    [null, 'too early', 'its newest heartbeat is none'],
    ['11:01:00.000', 'too late', 'it holds the heartbeat of 2026-03-08T11:01:00.000Z'],
    ['11:05:00.000', 'too late', 'it holds the heartbeat of 2026-03-08T11:05:00.000Z'],
    ['11:00:20.000', 'too late', 'which nobody knows of'],
  ])('whose newest heartbeat is %s stops %s', (newest, kind, because) => {
    const stop = judgeStop(moment, newest === null ? null : at(newest));
    expect(stop.kind).toBe(kind);
    if (stop.kind !== 'exact') expect(stop.because).toContain(because);
  });
});
