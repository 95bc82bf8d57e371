import { describe, expect, test } from 'vitest';
import { assess } from '../../../shared/failover/assess.ts';
import { remember } from '../../../shared/failover/sighting.ts';
import { HOUR, MINUTE, milliseconds } from '../../../shared/plan/values/duration.ts';
import { at, evidence, look, looks } from './looks.ts';

/** All three signals, with the last look at `now`. */
const seen = (health: string, database: string, errors: string) => [
  ...looks('health', health),
  ...looks('database', database),
  ...looks('errors', errors),
];
const assessed = (health: string, database: string, errors: string, difference = {}) => {
  const sightings = seen(health, database, errors);
  const last = Math.max(health.length, database.length, errors.length) - 1;
  return assess(evidence({ sightings, ...difference }), at(last + 0.1));
};

describe('the primary', () => {
  test('is lost from the look on at which enough signals failed, and was healthy a look before', () => {
    expect(assessed('hhhhhhfff', 'hhhhhffff', 'hhhhhhhhh')).toMatchObject({
      primary: 'lost',
      since: at(6),
      lastHealthy: at(5),
      held: [],
    });
  });

  test('was not lost three days ago because one signal fails since then', () => {
    const sightings = [
      { ...look('errors', 'healthy', -4400) },
      { ...look('errors', 'failing', 8), from: at(-4300) },
      ...looks('health', 'hhhhhhfff'),
      ...looks('database', 'hhhhhhhhh'),
    ];
    expect(assess(evidence({ sightings }), at(8))).toMatchObject({ primary: 'lost', since: at(6) });
  });

  test('is healthy while too few signals fail to be enough', () => {
    expect(assessed('hhhhh', 'hffff', 'hhhhh').primary).toBe('healthy');
  });

  test('is undecided until enough signals have failed for their whole time', () => {
    const assessment = assessed('hhhhhhff', 'hhhhhfff', 'hhhhhhhh');
    expect(assessment).toMatchObject({
      primary: 'undecided',
      because: [
        'health fails for 1m 6s and counts after 2m: failing at 7',
        'database fails for 2m 6s and counts after 2m: failing at 7',
      ],
    });
  });

  test('is undecided where signals are unknown, with what each look said', () => {
    expect(assessed('hhhuuu', 'hhhfff', 'hhhhhh')).toMatchObject({
      primary: 'undecided',
      because: [
        'health is unknown: unknown at 5',
        'database fails for 2m 6s and counts after 2m: failing at 5',
      ],
    });
  });

  test('is undecided before the first look', () => {
    expect(assess(evidence(), at(0))).toMatchObject({
      primary: 'undecided',
      because: [expect.stringContaining('never looked at'), expect.anything(), expect.anything()],
    });
  });

  test('is not judged by signals that do not decide', () => {
    const { decide } = evidence();
    const two = { decide: { ...decide, of: ['health', 'errors'] } };
    const assessment = assessed('hhffff', 'hhffff', 'hhhhhh', two);
    expect(assessment.primary).toBe('healthy');
    expect(assessment.signals[1]).toMatchObject({ name: 'database', seen: 'failing', decides: false });
  });
});

describe('a signal', () => {
  test('starts again after one healthy look', () => {
    expect(assessed('hhffhff', 'hhfffff', 'hhhhhhh').primary).toBe('undecided');
  });

  test('is not interrupted by one look that was not possible', () => {
    expect(assessed('hhfuff', 'hhffff', 'hhhhhh')).toMatchObject({ primary: 'lost', since: at(2) });
  });

  test('starts again after a gap in which nothing was looked at', () => {
    expect(assessed('hhf   ff', 'hhffffff', 'hhhhhhhh').primary).toBe('undecided');
  });

  test('is unknown where it was not looked at lately', () => {
    const sightings = seen('hhfff', 'hhfff', 'hhhhh');
    const assessment = assess(evidence({ sightings }), at(7));
    expect(assessment).toMatchObject({ primary: 'undecided' });
    expect(assessment.signals[0]).toMatchObject({
      seen: 'unknown',
      detail: expect.stringContaining('not looked at since'),
    });
  });

  test('that was never seen healthy from here is unknown: its address may be wrong', () => {
    const assessment = assessed('ffffffff', 'ffffffff', 'hhhhhhhh');
    expect(assessment.primary).toBe('undecided');
    expect(assessment.signals[0]).toMatchObject({ seen: 'unknown', counts: false });
  });

  test('that flaps counts after three times its time, and is told', () => {
    const flapping = 'hfhfhffff';
    expect(assessed(flapping, 'hhhhhffff', 'hhhhhhhhh')).toMatchObject({
      primary: 'undecided',
      because: [expect.stringContaining('health flaps'), expect.stringContaining('database fails')],
    });
    expect(assessed(`${flapping}fff`, 'hhhhhfffffff', 'hhhhhhhhhhhh')).toMatchObject({
      primary: 'lost',
      since: at(5),
    });
  });

  test('that flaps and is healthy now keeps the primary undecided, not healthy', () => {
    expect(assessed('hfhfhfh', 'fhhhhhf', 'hhhhhhh')).toMatchObject({
      primary: 'undecided',
      because: [expect.stringContaining('is healthy now'), expect.anything()],
    });
  });
});

describe('a clock that jumps', () => {
  test('an hour ahead begins every failure anew', () => {
    const sightings = [
      ...seen('hhf', 'hhf', 'hhh'),
      ...looks('health', 'ff', 63),
      ...looks('database', 'ff', 63),
      ...looks('errors', 'hh', 63),
    ];
    expect(assess(evidence({ sightings }), at(64)).primary).toBe('undecided');
    const later = [
      ...sightings,
      look('health', 'failing', 65),
      look('database', 'failing', 65),
      look('errors', 'healthy', 65),
    ];
    expect(assess(evidence({ sightings: later }), at(65))).toMatchObject({ primary: 'lost', since: at(63) });
  });

  test('back leaves out what was seen in the future, and decides by the rest', () => {
    const sightings = [...seen('hhfff', 'hhfff', 'hhhhh'), ...looks('health', 'h', 600)];
    expect(assess(evidence({ sightings }), at(4))).toMatchObject({ primary: 'lost', since: at(2) });
    const kept = remember(sightings, { health: 'health' }, at(4));
    expect(kept.every(({ until }) => until <= at(4))).toBe(true);
  });
});

describe('a loss that holds', () => {
  const lost = ['hhfff', 'hhfff', 'hhhhh'] as const;
  test('names who switched the automatic failover off, and why', () => {
    const switchedOff = { since: at(-60), by: 'alice', reason: 'the standby is upgraded' };
    expect(assessed(...lost, { switchedOff })).toMatchObject({
      primary: 'lost',
      held: [
        'alice switched the automatic failover off at 2026-01-05T11:00:00.000Z: the standby is upgraded',
      ],
    });
  });

  test('names the blackout, which ends', () => {
    // 2026-01-05 is a Monday.
    const blackout = [{ schedule: 'cron(0 11 ? * MON *)', for: milliseconds(2 * HOUR), why: 'patches' }];
    const { decide } = evidence();
    const during = assessed(...lost, { decide: { ...decide, blackout } });
    expect(during).toMatchObject({ held: ['a blackout lasts until 2026-01-05T13:00:00.000Z: patches'] });
    const over = [{ ...blackout[0], schedule: 'cron(0 10 ? * MON *)' }];
    expect(assessed(...lost, { decide: { ...decide, blackout: over } })).toMatchObject({ held: [] });
  });

  test('names the last failover for as long as the plan says, from its end', () => {
    const ended = at(4.1 - 359);
    expect(assessed(...lost, { lastFailover: ended })).toMatchObject({
      held: [expect.stringMatching(/the last failover ended at .*, less than 6h ago/)],
    });
    expect(assessed(...lost, { lastFailover: new Date(ended.getTime() - MINUTE) })).toMatchObject({
      held: [],
    });
  });
});
