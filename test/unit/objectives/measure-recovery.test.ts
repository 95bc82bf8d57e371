import { describe, expect, test } from 'vitest';
import { type Measure, measureRecovery } from '../../../shared/objectives/measure-recovery.ts';
import { parseDuration } from '../../../shared/plan/values/duration.ts';

/** Started at 04:00, validated at 04:03:20.5, recovered to 01:59:30. Targets: RPO 15m, RTO 20m. */
const run: Parameters<typeof measureRecovery>[0] = {
  startedAt: '2026-10-05T04:00:00.000Z',
  incident: null,
  recoveredTo: '2026-10-05T01:59:30.000Z',
  usableAt: '2026-10-05T04:03:20.500Z',
  target: { rpo: parseDuration('15m'), rto: parseDuration('20m') },
};
const failedAt = (time: string) => ({ failedAt: `2026-10-05T${time}Z` });

describe('measureRecovery', () => {
  test.each<[string, Partial<typeof run>, Partial<Measure>, Partial<Measure>]>([
    [
      'estimates from the start of a test',
      {},
      { basis: 'estimated', seconds: 7_230, met: false },
      { basis: 'estimated', seconds: 200.5, met: true },
    ],
    [
      'measures from the onset of an incident',
      { incident: failedAt('02:00:00.000') },
      { basis: 'measured', seconds: 30, met: true },
      { basis: 'measured', seconds: 7_400.5, met: false },
    ],
    [
      'meets a target to the millisecond',
      { incident: failedAt('02:14:30.000'), usableAt: '2026-10-05T02:34:30.000Z' },
      { seconds: 900, met: true },
      { seconds: 1_200, met: true },
    ],
    [
      'misses a target by a millisecond',
      { incident: failedAt('02:14:30.001'), usableAt: '2026-10-05T02:34:30.002Z' },
      { seconds: 900.001, met: false },
      { seconds: 1_200.001, met: false },
    ],
    [
      'loses nothing where the copy reaches beyond the onset',
      { incident: failedAt('01:59:00.000') },
      { seconds: 0, met: true },
      { seconds: 7_460.5 },
    ],
    [
      'meets an objective of no loss with no loss',
      { incident: failedAt('01:59:30.000'), target: { rpo: parseDuration('0s'), rto: parseDuration('0s') } },
      { seconds: 0, met: true },
      { met: false },
    ],
    [
      'has no recovery point where the run saw no heartbeat',
      { recoveredTo: null },
      { basis: 'not-measured', seconds: null, met: null, targetSeconds: 900 },
      { basis: 'estimated' },
    ],
    [
      'has no recovery time where nothing became usable',
      { usableAt: null, incident: failedAt('02:00:00.000') },
      { basis: 'measured' },
      { basis: 'not-measured', seconds: null, met: null, targetSeconds: 1_200 },
    ],
    [
      'has no recovery time where the onset is said to come after the recovery',
      { incident: failedAt('09:00:00.000') },
      {},
      { basis: 'not-measured', seconds: null, met: null },
    ],
  ])('%s', (_, difference, rpo, rto) => {
    const measured = measureRecovery({ ...run, ...difference });
    expect(measured.rpo).toMatchObject(rpo);
    expect(measured.rto).toMatchObject(rto);
  });

  describe('of a backup that is taken on a schedule', () => {
    const taken = { worstLoss: parseDuration('1d'), oldest: parseDuration('1d') + parseDuration('5m') };

    test.each<[string, Partial<typeof run>, Partial<Measure>]>([
      [
        'judges a scheduled test by that schedule',
        {},
        { basis: 'estimated', seconds: 7_230, targetSeconds: 86_700, met: true, judgedBy: 'schedule' },
      ],
      [
        'finds a backup that was not taken',
        { recoveredTo: '2026-10-04T01:59:30.000Z' },
        { targetSeconds: 86_700, met: false },
      ],
      [
        'judges nothing where nothing is on a schedule',
        { taken: { worstLoss: null, oldest: null } },
        { seconds: 7_230, targetSeconds: null, met: null },
      ],
      [
        'measures an incident by the objective',
        { incident: failedAt('02:00:00.000') },
        { basis: 'measured', seconds: 30, targetSeconds: 900, met: true },
      ],
    ])('%s', (_, difference, rpo) => {
      const { rpo: measured } = measureRecovery({ ...run, taken, ...difference });
      expect(measured).toMatchObject(rpo);
      if (difference.incident) expect(measured.judgedBy).toBeUndefined();
    });

    test.each([
      ['1d', '15m', false],
      ['15m', '15m', true],
      [null, '15m', false],
      ['1d', null, true],
      [null, null, true],
    ])('a worst loss of %s against %s', (loss, objective, met) => {
      const { worstLoss } = measureRecovery({
        ...run,
        taken: { worstLoss: loss === null ? null : parseDuration(loss), oldest: null },
        target: { rto: parseDuration('20m'), rpo: objective === null ? null : parseDuration(objective) },
      });
      expect(worstLoss?.met).toBe(met);
    });
  });

  test('compares times of different zones as moments', () => {
    const { rto } = measureRecovery({ ...run, usableAt: '2026-10-05T06:00:30.000+02:00' });
    expect(rto.seconds).toBe(30);
  });
});
