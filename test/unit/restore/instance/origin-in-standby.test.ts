import {
  DescribeDBInstanceAutomatedBackupsCommand,
  DescribeDBSnapshotsCommand,
  RDSClient,
  RestoreDBInstanceFromDBSnapshotCommand,
  RestoreDBInstanceToPointInTimeCommand,
} from '@aws-sdk/client-rds';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, test } from 'vitest';
import { restoreInstance } from '../../../../functions/restore/permissions.ts';
import { rdsPointsOf } from '../../../../shared/backup/open-rds-points.ts';
import { snapshotName, tagsOf } from '../../../../shared/backup/rds-snapshot/snapshot-tags.ts';
import { instanceShapeIn, instanceTestOf } from '../../../../shared/plan/lookup.ts';
import type { RegionRole } from '../../../../shared/plan/region-role.ts';
import { originOf } from '../../../../shared/restore/instance/open-origin.ts';
import { DATABASE, planOf, RESTORE_TEST } from '../../resources/plan-fixture.ts';

/* What an instance of the standby Region is made from. Each input is of a public issue where a restore in another Region failed. */

const hourly = { schedule: 'rate(1 hour)', retention: '7d' };
const copied = { copyToStandby: { key: 'alias/copies' } };
const testOf = (backup: string, standby?: object) => ({
  ...RESTORE_TEST,
  from: { database: 'main', backup, choose: 'newest' },
  into: {
    scratchInstance: { securityGroups: ['sg-0a1b2c3d'], subnetGroup: 'here', expires: '12h', standby },
  },
});
const there = { securityGroups: ['sg-0a1b2c3e'] };
const plan = planOf({
  databases: {
    main: {
      ...DATABASE,
      rds: { instance: 'orders' },
      backups: {
        copies: { rdsSnapshot: copied, ...hourly },
        local: { rdsSnapshot: {}, ...hourly },
        moments: { pointInTime: copied, ...hourly },
      },
    },
  },
  restoreTests: {
    copies: testOf('copies', there),
    moments: testOf('moments', there),
    // It was written for one Region.
    early: testOf('copies'),
  },
});

const KEY = 'arn:aws:kms:eu-west-1:111122223333:key/copy';
const settings = {
  class: 'db.r6g.large',
  storageType: 'gp3',
  gibibytes: 20,
  engineVersion: '18.1',
  parameterGroup: 'orders-18',
  optionGroup: 'orders-options',
  subnetGroup: 'private-of-the-primary',
  key: 'arn:aws:kms:eu-central-1:111122223333:key/original',
};
const of = { deployment: 'lifeboat-shop-prod', database: 'main', backup: 'copies' };
const at = new Date('2026-10-05T02:00:00Z');
const name = snapshotName(of, 'nightly');
const copy = {
  DBSnapshotIdentifier: name,
  Status: 'available',
  SnapshotType: 'manual',
  SnapshotCreateTime: at,
  KmsKeyId: KEY,
  TagList: Object.entries(
    tagsOf({
      ...of,
      runId: 'nightly',
      runStartedAt: at,
      keptUntil: new Date('2026-11-05T02:00:00Z'),
      settings,
    }),
  ).map(([Key, Value]) => ({ Key, Value })),
};
const ARN = 'arn:aws:rds:eu-west-1:111122223333:auto-backup:ab-orders';
const backups = {
  DbiResourceId: 'db-ORDERS',
  DBInstanceArn: 'arn:aws:rds:eu-central-1:111122223333:db:orders',
  DBInstanceAutomatedBackupsArn: ARN,
  Status: 'replicating',
  BackupRetentionPeriod: 7,
  RestoreWindow: { EarliestTime: new Date('2026-10-01T00:00:00Z'), LatestTime: at },
};

const shapeIn = (role: RegionRole, test: string) =>
  instanceShapeIn(plan, instanceTestOf(plan, test).scratchInstance, {
    role,
    named: `restore test "${test}"`,
  });

const rds = mockClient(RDSClient);
const asked: string[] = [];
beforeEach(() => {
  rds.reset();
  asked.length = 0;
  rds.on(DescribeDBSnapshotsCommand).resolves({ DBSnapshots: [copy] });
  rds.on(DescribeDBInstanceAutomatedBackupsCommand).resolves({ DBInstanceAutomatedBackups: [backups] });
});
const rdsIn = (region: string) => {
  asked.push(region);
  return new RDSClient({ region });
};
const here = { deployment: of.deployment, role: 'standby', rdsIn } as const;
const into = (test: string) => ({
  ...shapeIn('standby', test),
  name: 'lifeboat-scratch-1',
  tags: {},
  deletionProtection: false,
  backupDays: 0,
  multiAz: false,
  minorUpgrades: false,
  copiesTags: false,
});

describe('in the standby Region', () => {
  // boto/boto#2917: groups of the VPC of the source. awslabs/rds-snapshot-tool#60: the key of the source in place of that of the copy.
  test('an instance is made of the copy, with its key and with no group of the other Region', async () => {
    const [point] = await rdsPointsOf(plan, of.deployment, rdsIn)(of, 'standby').list(of);
    const { origin, region, takenAt } = await originOf(plan, { ...of, id: point?.id ?? '' }, here);
    await origin.restore(into('copies'));
    expect({ region, takenAt, key: origin.settings?.key }).toEqual({
      region: 'eu-west-1',
      takenAt: at,
      key: KEY,
    });
    const [call] = rds.commandCalls(RestoreDBInstanceFromDBSnapshotCommand);
    expect(call?.args[0].input).toMatchObject({
      DBSnapshotIdentifier: name,
      DBInstanceClass: 'db.r6g.large',
      VpcSecurityGroupIds: ['sg-0a1b2c3e'],
    });
    const { DBSubnetGroupName, DBParameterGroupName, OptionGroupName } = call?.args[0].input ?? {};
    expect([DBSubnetGroupName, DBParameterGroupName, OptionGroupName]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(new Set(asked)).toEqual(new Set(['eu-west-1']));
  });

  // hashicorp/terraform-provider-aws#23649, terraform-aws-modules/terraform-aws-rds#376: by its resource id RDS finds no instance there.
  test('a moment is found by the ARN of the copied automated backups, and the source is not asked for', async () => {
    const { origin } = await originOf(
      plan,
      { database: 'main', backup: 'moments', id: '20261005T010000Z' },
      here,
    );
    await origin.restore(into('moments'));
    const [call] = rds.commandCalls(RestoreDBInstanceToPointInTimeCommand);
    expect(call?.args[0].input).toMatchObject({
      SourceDBInstanceAutomatedBackupsArn: ARN,
      RestoreTime: new Date('2026-10-05T01:00:00Z'),
    });
    expect(call?.args[0].input.SourceDbiResourceId).toBeUndefined();
    expect(new Set(asked)).toEqual(new Set(['eu-west-1']));
  });

  test('a backup that is not copied is refused by name', () => {
    const open = rdsPointsOf(plan, of.deployment, rdsIn);
    expect(() => open({ database: 'main', backup: 'local' }, 'standby')).toThrow(
      'backup "local" of "main" is not copied to eu-west-1',
    );
  });

  test('a restore test that names no groups there is refused, and says what to add', () => {
    expect(() => shapeIn('standby', 'early')).toThrow(
      expect.objectContaining({
        name: 'NotInPlan',
        hint: expect.stringContaining('the part "standby" with securityGroups'),
      }),
    );
    expect(shapeIn('primary', 'early')).toMatchObject({ subnetGroup: 'here' });
  });

  test('the role makes instances there alone, under the keys of the copies', () => {
    const text = JSON.stringify(restoreInstance(plan, 'standby'));
    expect(text).toContain('rds:eu-west-1:');
    expect(text).not.toContain('eu-central-1');
    expect(text).toContain('"kms:ResourceAliases":["alias/copies"]');
    expect(JSON.stringify(restoreInstance(plan, 'primary'))).not.toContain('rds:eu-west-1:');
  });
});
