import { describe, expect, it } from 'vitest';
import { parsePlan } from '../../../shared/plan/load.ts';
import { mistakesIn } from './mistakes-in.ts';
import { planWith } from './plan-text.ts';

const BACKUPS = `      hourly: { rdsSnapshot: {}, schedule: rate(2 hours), retention: 7d }
      moments: { pointInTime: {}, schedule: rate(1 hour), retention: 7d }
restoreTests:
`;
const ON_RDS = planWith(
  '    heartbeat:\n',
  '    rds: { instance: shop }\n    heartbeat:\n',
  planWith('restoreTests:\n', BACKUPS),
);
const PLACE = `restores:
  instance:
    from: { database: main, backup: hourly }
    into: { instance: { securityGroups: [sg-0a1b2c3d], expires: 1d } }
    scenario: corruption
    freshness: 15m
`;
const withPlace = (from = '', to = '') => `${ON_RDS}\n${PLACE.replace(from, to)}`;

describe('a place for an RDS instance that stays', () => {
  it.each(['hourly', 'moments'])('is right as it stands, of %s', (backup) => {
    expect(mistakesIn(withPlace('backup: hourly', `backup: ${backup}`))).toEqual([]);
  });

  it('takes what the source does not say', () => {
    const plan = parsePlan(
      withPlace('expires: 1d', 'multiAz: true, backupRetention: 7d, name: shop-2, expires: 1d'),
      'x',
    );
    expect(plan.restores.instance?.into).toMatchObject({
      instance: { multiAz: true, backupRetention: 604_800_000, name: 'shop-2' },
    });
  });

  it.each([
    ['backup: hourly', 'backup: full', 'server: a logical backup is loaded into a database'],
    [
      'backup: hourly',
      'backup: wal',
      'a backup of this database that Lifeboat takes (full, hourly, moments)',
    ],
    [
      'instance: { securityGroups: [sg-0a1b2c3d], expires: 1d }',
      'server: { secret: a/b, certificateAuthority: c/d, expires: 1d }',
      'instance: a snapshot becomes an RDS instance',
    ],
    ['scenario', 'owner: app\n    scenario', 'nothing: an instance has those of its source'],
    ['scenario', 'grants: [GRANT x TO y]\n    scenario', 'nothing: an instance has those of its source'],
    ['scenario', 'settings: { a: b }\n    scenario', 'nothing: an instance has those of its source'],
    ['expires: 1d', 'expires: 5m', 'a duration of at least 1h'],
    ['expires: 1d', 'backupRetention: 36d, expires: 1d', 'whole days from 1d to 35d'],
    ['expires: 1d', 'backupRetention: 90m, expires: 1d', 'whole days from 1d to 35d'],
    ['expires: 1d', 'name: Shop, expires: 1d', 'RDS instance'],
    ['securityGroups: [sg-0a1b2c3d], ', '', 'securityGroups'],
    [
      '{ instance:',
      '{ server: { secret: a/b, certificateAuthority: c/d, expires: 1d }, instance:',
      'exactly one of server and instance',
    ],
  ])('with %j as %j has one mistake, which says what is right', (from, to, says) => {
    expect(mistakesIn(withPlace(from, to))).toEqual([expect.stringContaining(says)]);
  });
});
