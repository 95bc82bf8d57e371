import { describe, expect, test } from 'vitest';
import {
  aroundMoment,
  judgeStop,
  pickMoment,
} from '../../../../shared/backup/rds-point-in-time/pick-moment.ts';

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
      'the end of the window, where it ends before the middle',
      ['11:58:00.000', '11:59:40.000', '12:00:40.000'],
      picked('11:59:40.000', '12:00:00.000', '12:00:40.000'),
    ],
    [
      'not after the window, which ends too near to a heartbeat',
      ['11:58:00.000', '11:59:56.000', '12:00:40.000'],
      picked('11:58:00.000', '11:58:58.000', '11:59:56.000'),
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

  test('is each of those that can be restored, by the number that was drawn', () => {
    const beats = ['00:00:00.000', '01:00:00.000', '01:00:03.000', '02:00:00.000', '13:00:00.000'].map(at);
    const drawn = [0, 1, 2, 3, 4].map((draw) => {
      const pick = pickMoment(beats, window, { draw });
      return pick.kind === 'picked' ? pick.moment : null;
    });
    const [last, middle, first] = ['07:30:00.000', '01:30:02.000', '00:30:00.000'].map(at);
    expect(drawn).toEqual([last, middle, first, last, middle]);
    expect(pickMoment(beats.slice(0, 1), window, { draw: 7 })).toMatchObject({ kind: 'none' });
    const tooNear = beats.slice(1, 3);
    expect(pickMoment(tooNear, window, { draw: 7 })).toMatchObject({ kind: 'none' });
  });

  test('does not exist before the window', () => {
    const beats = [new Date('2026-03-07T23:58:00Z'), new Date('2026-03-07T23:59:00Z')];
    expect(pickMoment(beats, window)).toMatchObject({ kind: 'none' });
  });
});

describe('a moment that a person named', () => {
  const beats = ['11:00:00.000', '11:02:00.000', '11:01:00.000'].map(at);
  test.each([
    ['11:00:30.000', '11:00:00.000', '11:01:00.000'],
    ['11:01:05.000', '11:01:00.000', '11:02:00.000'],
  ])('%s is between %s and %s', (moment, before, after) => {
    const around = { before: at(before), after: at(after), moment: at(moment) };
    expect(aroundMoment(beats, at(moment))).toEqual(around);
  });

  test.each([
    ['before the first', '10:59:00.000'],
    ['after the last', '11:03:00.000'],
    ['just after one', '11:01:04.000'],
    ['just before one', '11:00:56.000'],
    ['at one', '11:01:00.000'],
  ])('%s tells nothing', (_, moment) => {
    expect(aroundMoment(beats, at(moment))).toBeNull();
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
    // It was written and not noted.
    ['11:00:20.000', 'exact', ''],
    ['11:00:40.000', 'too late', 'it holds the heartbeat of 2026-03-08T11:00:40.000Z'],
  ])('whose newest heartbeat is %s stops %s', (newest, kind, because) => {
    const stop = judgeStop(moment, newest === null ? null : at(newest));
    expect(stop.kind).toBe(kind);
    if (stop.kind !== 'exact') expect(stop.because).toContain(because);
  });
});
