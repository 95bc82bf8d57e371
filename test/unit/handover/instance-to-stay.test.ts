import { describe, expect, test } from 'vitest';
import {
  settingsAsTags,
  settingsInTags,
  settingsOfInstance,
} from '../../../shared/backup/rds-snapshot/instance-settings.ts';
import { instanceToStay } from '../../../shared/handover/instance-to-stay.ts';
import { DAY, milliseconds } from '../../../shared/plan/values/duration.ts';
import { compareSettings } from '../../../shared/restore/instance/compare-settings.ts';
import { requestedSettings } from '../../../shared/restore/instance/requested-settings.ts';
import { newScratchInstance } from '../../../shared/restore/scratch-instance/scratch-instances.ts';

/*
 * What restored instances lost, as people reported it of tools that restore from snapshots and moments. Each input is written anew from
 * its thread, and small.
 */

const run = { runId: 'r-1', workload: 'shop', expiresAt: new Date('2026-03-02T00:00:00Z') };
const place = { securityGroups: ['sg-1'] };
const source = settingsOfInstance({
  DBInstanceClass: 'db.r6g.large',
  StorageType: 'gp3',
  AllocatedStorage: 100,
  EngineVersion: '17.4',
  DBParameterGroups: [{ DBParameterGroupName: 'shop-postgres17' }],
  OptionGroupMemberships: [{ OptionGroupName: 'default:postgres-17' }],
  DBSubnetGroup: { DBSubnetGroupName: 'shop-private' },
  StorageEncrypted: true,
  KmsKeyId: 'arn:aws:kms:eu-west-1:123456789012:key/1',
  MultiAZ: true,
  BackupRetentionPeriod: 14,
  IAMDatabaseAuthenticationEnabled: true,
  CACertificateIdentifier: 'rds-ca-ecc384-g1',
  AutoMinorVersionUpgrade: false,
});
const asked = (
  planned: Partial<Parameters<typeof instanceToStay>[2]> = {},
  of: typeof source | null = source,
) => requestedSettings(instanceToStay('stack', run, { ...place, ...planned }, of), of);

describe('an instance that stays has', () => {
  test.each([
    // terraform-provider-aws#1510, #6705
    ['the parameter group of its source', { DBParameterGroupName: 'shop-postgres17' }],
    // boto3#500, #2033, aws-sdk-ruby#1327
    ['the security groups of the plan', { VpcSecurityGroupIds: ['sg-1'] }],
    ['the subnet group of its source', { DBSubnetGroupName: 'shop-private' }],
    ['the option group of its source', { OptionGroupName: 'default:postgres-17' }],
    // The two that a test instance does without.
    ['the Multi-AZ of its source', { MultiAZ: true }],
    ['the backup retention of its source', { BackupRetentionPeriod: 14 }],
    // Without it every login by a token fails after a restore.
    ['the IAM logins of its source', { EnableIAMDatabaseAuthentication: true }],
    ['the certificate authority of its source', { CACertificateIdentifier: 'rds-ca-ecc384-g1' }],
    ['the storage type of its source', { StorageType: 'gp3' }],
    ['the class of its source', { DBInstanceClass: 'db.r6g.large' }],
    ['the minor upgrades of its source', { AutoMinorVersionUpgrade: false }],
    ['no public address', { PubliclyAccessible: false }],
    ['snapshots with its tags', { CopyTagsToSnapshot: true }],
    // Until it is handed over: a protected copy that is rejected could not be swept.
    ['no protection before it is handed over', { DeletionProtection: false }],
  ])('%s', (_, expected) => {
    expect(asked()).toMatchObject(expected);
  });

  test.each([
    [{ multiAz: false }, { MultiAZ: false }],
    [{ backupRetention: milliseconds(3 * DAY) }, { BackupRetentionPeriod: 3 }],
    [{ class: 'db.t4g.small' }, { DBInstanceClass: 'db.t4g.small' }],
    [{ parameterGroup: 'mine' }, { DBParameterGroupName: 'mine' }],
    [{ subnetGroup: 'mine' }, { DBSubnetGroupName: 'mine' }],
  ])('what the plan says in place of its source: %j', (planned, expected) => {
    expect(asked(planned)).toMatchObject(expected);
  });

  test.each([
    ['where its source kept none', { ...source, backupDays: 0 }],
    ['where nobody recorded its source', null],
    ['where an earlier version recorded its source', { ...source, backupDays: undefined }],
  ])('backups %s', (_, of) => {
    expect(asked({}, of)).toMatchObject({ BackupRetentionPeriod: 7 });
  });

  test('its tags, and not those of its source: RDS adds none where some are given', () => {
    expect(asked().Tags.map(({ Key }) => Key)).toEqual([
      'lifeboat:scratch',
      'lifeboat:workload',
      'lifeboat:run',
      'lifeboat:expires-at',
    ]);
  });
});

describe('what a source was like', () => {
  test('comes back whole from the tags of a snapshot', () => {
    expect(settingsInTags(settingsAsTags(source))).toEqual(source);
  });

  test('of an earlier version is compared as far as it was recorded', () => {
    const { multiAz, backupDays, iamLogins, authority, minorUpgrades, ...earlier } = source;
    expect(settingsInTags(settingsAsTags(earlier))).toEqual({
      ...earlier,
      multiAz: undefined,
      backupDays: undefined,
      iamLogins: undefined,
      authority: undefined,
      minorUpgrades: undefined,
    });
    expect(compareSettings(earlier, source, {})).toEqual([]);
  });

  test.each([
    ['multiAz', { multiAz: false }, 'true', 'false'],
    ['backupDays', { backupDays: 0 }, '14', '0'],
    ['iamLogins', { iamLogins: false }, 'true', 'false'],
    ['authority', { authority: 'rds-ca-rsa2048-g1' }, 'rds-ca-ecc384-g1', 'rds-ca-rsa2048-g1'],
    ['minorUpgrades', { minorUpgrades: true }, 'false', 'true'],
    ['parameterGroup', { parameterGroup: 'default.postgres17' }, 'shop-postgres17', 'default.postgres17'],
  ])('and what was restored differs in %s', (setting, found, expected, is) => {
    expect(compareSettings(source, { ...source, ...found }, {})).toEqual([{ setting, expected, found: is }]);
  });

  test('is not asked of a test instance, which has one zone and no backups', () => {
    const scratch = requestedSettings(newScratchInstance('stack', run, place), source);
    expect(scratch).toMatchObject({
      MultiAZ: false,
      BackupRetentionPeriod: 0,
      AutoMinorVersionUpgrade: false,
    });
  });
});
