import { describe, expect, it } from 'vitest';
import { parsePlan } from '../../../shared/plan/load.ts';
import { untestedBackups, worstLosses } from '../../../shared/plan/promises.ts';
import { PLAN, planWith } from './plan-text.ts';

const lossOf = (text: string) => worstLosses(parsePlan(text, 'x.yml'))[0];
const FULL = 'schedule: cron(0 2 * * ? *)\n        retention: 30d\n';

describe('the worst loss of a database', () => {
  it('is the longest gap between two backups that Lifeboat takes; what others take is not counted', () => {
    expect(lossOf(PLAN)).toEqual({ database: 'main', loss: 86_400_000, objective: 900_000, met: false });
  });

  it('is the one of the most frequent backup', () => {
    const hourly = '      hourly: { logical: {}, schedule: rate(1 hour), retention: 7d }\n';
    expect(lossOf(planWith(FULL, `${FULL}${hourly}`))).toMatchObject({ loss: 3_600_000, met: false });
  });

  it('meets the objective where it equals it', () => {
    expect(lossOf(planWith(FULL, FULL.replace('cron(0 2 * * ? *)', 'rate(15 minutes)')))).toMatchObject({
      met: true,
    });
  });

  it('is not known where Lifeboat takes nothing on a schedule, which meets nothing', () => {
    const onDemand = planWith(FULL, FULL.replace('cron(0 2 * * ? *)', 'on-demand'));
    expect(lossOf(onDemand)).toMatchObject({ loss: null, met: false });
  });
});

describe('a logical backup that no restore test restores', () => {
  it('is none where each has one', () => {
    expect(untestedBackups(parsePlan(PLAN, 'x.yml'))).toEqual([]);
  });

  it('is named', () => {
    const another = '      other: { logical: {}, schedule: on-demand, retention: 7d }\n';
    expect(untestedBackups(parsePlan(planWith(FULL, `${FULL}${another}`), 'x.yml'))).toEqual([
      { database: 'main', backup: 'other' },
    ]);
  });
});
