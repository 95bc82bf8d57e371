import { describe, expect, it } from 'vitest';
import { parsePlan } from '../../../shared/plan/load.ts';
import { longestGapOf, worstLosses } from '../../../shared/plan/promises.ts';
import { isTakenByLifeboat, isWatched } from '../../../shared/plan/sections/backups.ts';
import { mistakesIn } from './mistakes-in.ts';
import { planWith } from './plan-text.ts';

const ANY_MOMENT = `      any-moment:
        pointInTime: { copyToStandby: { key: alias/copies } }
        schedule: rate(2 hours)
        retention: 35d
restoreTests:
`;
const ON_RDS = planWith(
  '    heartbeat:\n',
  '    rds: { instance: shop }\n    heartbeat:\n',
  planWith('restoreTests:\n', ANY_MOMENT),
);

describe('point in time on RDS', () => {
  it('is looked after by Lifeboat where the plan names no other, and loses five minutes however rarely that is', () => {
    expect(mistakesIn(ON_RDS)).toEqual([]);
    const plan = parsePlan(ON_RDS, 'x.yml');
    const planned = plan.databases.main?.backups['any-moment'];
    expect(planned && isTakenByLifeboat(planned)).toBe(true);
    expect(planned && longestGapOf(planned)).toBe(300_000);
    expect(worstLosses(plan)).toMatchObject([{ loss: 300_000, met: true }]);
  });

  it('of another taker is as good as its schedule says, and Lifeboat does not see it', () => {
    const plan = parsePlan(ON_RDS, 'x.yml');
    const wal = plan.databases.main?.backups.wal;
    expect(wal && longestGapOf(wal)).toBe(900_000);
    expect(wal && isWatched(wal, { rds: { instance: 'shop' } })).toBe(false);
  });

  it.each([
    [
      '    rds: { instance: shop }\n',
      '',
      '36:22 databases.main.backups.any-moment.pointInTime: expected rds: { instance: … } beside postgres, or takenBy to name what takes it, found a map',
    ],
    [
      'schedule: rate(2 hours)',
      'schedule: on-change',
      '38:19 databases.main.backups.any-moment.schedule: expected cron(…), rate(…) or on-demand: Lifeboat does not see your changes, found "on-change"',
    ],
    [
      'schedule: rate(2 hours)',
      'takenBy: RDS\n        schedule: rate(2 hours)',
      '37:39 databases.main.backups.any-moment.pointInTime.copyToStandby: expected no copyToStandby: Lifeboat copies only what it takes, found a map',
    ],
    [
      'retention: 35d',
      'retention: 36d',
      '39:20 databases.main.backups.any-moment.retention: expected at most 35d: RDS keeps automated backups no longer, found "36d"',
    ],
  ])('with %j as %j is a mistake', (passage, replacement, mistake) => {
    expect(mistakesIn(planWith(passage, replacement, ON_RDS))).toEqual([`x.yml:${mistake}`]);
  });
});
