import { describe, expect, it } from 'vitest';
import { parsePlan } from '../../../shared/plan/load.ts';
import { rdsSourceOf } from '../../../shared/plan/lookup.ts';
import { untestedBackups, worstLosses } from '../../../shared/plan/promises.ts';
import { isTakenByLifeboat, takerOf } from '../../../shared/plan/sections/backups.ts';
import { mistakesIn } from './mistakes-in.ts';
import { planWith } from './plan-text.ts';

const SNAPSHOT = `      hourly:
        rdsSnapshot: { copyToStandby: { key: alias/copies } }
        schedule: rate(2 hours)
        retention: 7d
restoreTests:
`;
const ON_RDS = planWith(
  '    heartbeat:\n',
  '    rds: { instance: shop }\n    heartbeat:\n',
  planWith('restoreTests:\n', SNAPSHOT),
);

describe('a snapshot of RDS', () => {
  it('is taken by Lifeboat where the plan names no other, and counts for what could be lost', () => {
    expect(mistakesIn(ON_RDS)).toEqual([]);
    const plan = parsePlan(ON_RDS, 'x.yml');
    const hourly = plan.databases.main?.backups.hourly;
    expect(hourly && isTakenByLifeboat(hourly)).toBe(true);
    expect(worstLosses(plan)).toMatchObject([{ loss: 7_200_000 }]);
    expect(untestedBackups(plan)).toEqual([{ database: 'main', backup: 'hourly' }]);
  });

  it('is taken by whom the plan names', () => {
    const others = planWith('{ copyToStandby: { key: alias/copies } }', '{}\n        takenBy: RDS', ON_RDS);
    const hourly = parsePlan(others, 'x.yml').databases.main?.backups.hourly;
    expect(hourly && [isTakenByLifeboat(hourly), takerOf(hourly)]).toEqual([false, 'RDS']);
    expect(mistakesIn(planWith('schedule: rate(2 hours)', 'schedule: on-change', others))).toEqual([]);
  });

  it.each([
    [
      '    rds: { instance: shop }\n',
      '',
      '36:22 databases.main.backups.hourly.rdsSnapshot: expected rds: { instance: … } beside postgres, or takenBy to name what takes it, found a map',
    ],
    [
      'schedule: rate(2 hours)',
      'schedule: on-change',
      '38:19 databases.main.backups.hourly.schedule: expected cron(…), rate(…) or on-demand: Lifeboat does not see your changes, found "on-change"',
    ],
    [
      'schedule: rate(2 hours)',
      'takenBy: RDS\n        schedule: rate(2 hours)',
      '37:39 databases.main.backups.hourly.rdsSnapshot.copyToStandby: expected no copyToStandby: Lifeboat copies only what it takes, found a map',
    ],
    [
      'instance: shop',
      'instance: arn:aws:rds:us-east-1:111122223333:db:shop',
      '22:22 databases.main.rds.instance: expected the identifier of an RDS instance: at most 63 lower-case letters, digits and single hyphens, and a letter first, found "arn:aws:rds:us-east-1:111122223333:db:shop"',
    ],
    [
      'key: alias/copies',
      'key: arn:aws:kms:us-west-2:111122223333:key/1',
      '37:46 databases.main.backups.hourly.rdsSnapshot.copyToStandby.key: expected the alias of a KMS key, such as alias/queues: it is the same in every Region, an ARN is not, found "arn:aws:kms:us-west-2:111122223333:key/1"',
    ],
    [
      'rds: { instance: shop }',
      'rds: { instance: shop, cluster: shop }',
      '22:10 databases.main.rds: expected exactly one of instance and cluster, found a map',
    ],
    [
      'rds: { instance: shop }',
      'rds: {}',
      '22:10 databases.main.rds: expected exactly one of instance and cluster, found a map',
    ],
    [
      'copyToStandby: { key: alias/copies }',
      'type: awsbackup',
      '37:30 databases.main.backups.hourly.rdsSnapshot.type: expected no type: it is for snapshots that takenBy names the taker of, found "awsbackup"',
    ],
    [
      'copyToStandby: { key: alias/copies }',
      'copyTo: standby',
      '37:24 databases.main.backups.hourly.rdsSnapshot: unknown key "copyTo", expected one of type, copyToStandby',
    ],
    [
      'backup: full',
      'backup: hourly',
      '48:9 restoreTests.nightly.into.scratchDatabase: expected scratchInstance: a snapshot becomes an RDS instance',
    ],
  ])('with %j as %j is a mistake', (passage, replacement, mistake) => {
    expect(mistakesIn(planWith(passage, replacement, ON_RDS))).toEqual([`x.yml:${mistake}`]);
  });

  it.each(['Shop', '1shop', 'shop-', 'sh--op', 'a'.repeat(64)])(
    'of an instance named %j is a mistake',
    (name) => {
      expect(mistakesIn(planWith('instance: shop', `instance: ${name}`, ON_RDS))).toHaveLength(1);
    },
  );
});

describe('an Aurora cluster', () => {
  const ON_AURORA = planWith('instance: shop', 'cluster: shop', ON_RDS);

  it('has snapshots that Lifeboat takes', () => {
    expect(mistakesIn(ON_AURORA)).toEqual([]);
    expect(rdsSourceOf(parsePlan(ON_AURORA, 'x.yml').databases.main ?? {})).toEqual({
      kind: 'cluster',
      name: 'shop',
    });
  });

  it('has no moments that Lifeboat looks after', () => {
    expect(mistakesIn(planWith('rdsSnapshot:', 'pointInTime:', ON_AURORA))).toEqual([
      'x.yml:37:22 databases.main.backups.hourly.pointInTime: expected takenBy to name what keeps it: Lifeboat looks after the automated backups of instances, not of Aurora clusters, found a map',
    ]);
  });

  it('has snapshots that no restore test can restore yet', () => {
    expect(mistakesIn(planWith('backup: full', 'backup: hourly', ON_AURORA))).toEqual([
      'x.yml:44:15 restoreTests.nightly.from.backup: expected a backup of this database that Lifeboat takes, and no snapshot of an Aurora cluster (full), found "hourly"',
    ]);
  });
});

describe('a restore test of a snapshot of RDS', () => {
  const INTO = `      scratchInstance:
        securityGroups: [sg-0a1b2c3d]
        class: db.t4g.small
        subnetGroup: private
        parameterGroup: shop-18
        optionGroup: default:postgres-18
        kmsKey: alias/scratch
        database: shop
        expires: 12h
`;
  const DATABASE = `      scratchDatabase:
        secret: shop/scratch
        certificateAuthority: shop/scratch-ca
        expires: 6h
`;
  const TESTED = planWith('backup: full', 'backup: hourly', planWith(DATABASE, INTO, ON_RDS));

  it('restores a moment into an instance as well, and into nothing else', () => {
    const MOMENT = 'pointInTime: { copyToStandby';
    expect(mistakesIn(planWith('rdsSnapshot: { copyToStandby', MOMENT, TESTED))).toEqual([]);
    const elsewhere = planWith('backup: full', 'backup: hourly', ON_RDS);
    expect(mistakesIn(planWith('rdsSnapshot: { copyToStandby', MOMENT, elsewhere))).toEqual([
      'x.yml:48:9 restoreTests.nightly.into.scratchDatabase: expected scratchInstance: a moment becomes an RDS instance',
    ]);
  });

  it('restores into an instance, of which only the security groups and the expiry must be named', () => {
    expect(mistakesIn(TESTED)).toEqual([]);
    const [test] = Object.values(parsePlan(TESTED, 'x.yml').restoreTests);
    expect(test?.into).toMatchObject({ scratchInstance: { class: 'db.t4g.small', expires: 43_200_000 } });
    expect(untestedBackups(parsePlan(TESTED, 'x.yml'))).toEqual([{ database: 'main', backup: 'full' }]);
    const least = INTO.split('\n').filter((line) => !/class|Group:|kmsKey|database/.test(line));
    expect(mistakesIn(planWith(INTO, least.join('\n'), TESTED))).toEqual([]);
  });

  it.each([
    [
      'backup: hourly',
      'backup: full',
      'into.scratchInstance.database: expected no database: a logical backup',
    ],
    [
      '        kmsKey:',
      '        gibibytes: 40\n        kmsKey:',
      'scratchInstance.gibibytes: expected no gibibytes',
    ],
    [
      '[sg-0a1b2c3d]\n        class',
      '[]\n        class',
      'expected at least one security group, found a list',
    ],
    ['class: db.t4g.small', 'class: t4g.small', 'expected a class of RDS instances such as db.t4g.medium'],
    ['subnetGroup: private', 'subnetGroup: Private Ones', 'expected the name of a DB subnet group'],
    ['parameterGroup: shop-18', 'parameterGroup: ""', 'expected the name of a DB parameter group'],
    ['optionGroup: default:postgres-18', 'optionGroup: -18', 'expected the name of an option group'],
    ['kmsKey: alias/scratch', 'kmsKey: scratch', 'kmsKey: expected the alias of a KMS key'],
    [
      'expires: 12h',
      'expires: 59m',
      'scratchInstance.expires: expected a duration of at least 1h, found "59m"',
    ],
    [
      '        kmsKey:',
      '        publiclyAccessible: true\n        kmsKey:',
      'unknown key "publiclyAccessible"',
    ],
    [
      'backup: hourly',
      'backup: wal',
      'from.backup: expected a backup of this database that Lifeboat takes (full, hourly)',
    ],
    [
      '      scratchInstance:\n',
      '      scratchDatabase: { secret: a, certificateAuthority: b, expires: 6h }\n      scratchInstance:\n',
      'exactly one of scratchDatabase and scratchInstance',
    ],
  ])('with %j as %j is a mistake, with its place', (passage, replacement, mistake) => {
    const at = TESTED.indexOf('restoreTests:');
    const changed = TESTED.slice(0, at) + planWith(passage, replacement, TESTED.slice(at));
    const found = mistakesIn(changed);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(/^x\.yml:\d+:\d+ restoreTests\.nightly\./);
    expect(found[0]).toContain(mistake);
  });
});
