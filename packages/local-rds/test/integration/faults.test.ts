import * as sdk from '@aws-sdk/client-rds';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Key } from '../../api/keys.ts';
import {
  documentedFaults,
  excusedFaults,
  excusedPairs,
  PROVOKED_BY_STATES,
} from '../support/documented-faults.ts';
import { account, type LocalRds, master, startLocalRds } from '../support/local-rds.ts';

vi.setConfig({ testTimeout: 60_000 });

/*
 * Every fault that an action answers for what is asked of it, by the class that the SDK has for it; those that depend on a state
 * are in states.test.ts.
 */

const elsewhere = 'eu-central-1';
const other = '210987654321';
const arn = (kind: string, name: string, region = 'eu-west-1') =>
  `arn:aws:rds:${region}:${account}:${kind}:${name}`;
const keys = new Map<string, Key>(
  ['eu-west-1', elsewhere].flatMap((region) =>
    ['good', 'disabled', 'later-disabled'].map((name) => {
      const key = `arn:aws:kms:${region}:${account}:key/${name}`;
      return [`${region} ${name}`, { arn: key, enabled: name !== 'disabled' }];
    }),
  ),
);

let local: LocalRds;
beforeAll(async () => {
  local = await startLocalRds({
    quotas: {
      instances: 4,
      manualSnapshots: 3,
      replicasOfOneSource: 1,
      automatedBackupReplications: 1,
      subnetGroups: 1,
      parameterGroups: 1,
      tagsOfOneThing: 3,
      accountsOfOneSnapshot: 2,
    },
    keys: { find: async (reference, { region }) => keys.get(`${region} ${reference.replace(/^.*\//, '')}`) },
  });
  const client = local.client();
  await client.send(
    new sdk.CreateDBParameterGroupCommand({
      DBParameterGroupName: 'tuned',
      DBParameterGroupFamily: 'postgres18',
      Description: 'x',
    }),
  );
  await client.send(
    new sdk.CreateDBSubnetGroupCommand({
      DBSubnetGroupName: 'net',
      DBSubnetGroupDescription: 'x',
      SubnetIds: ['subnet-1', 'subnet-2'],
    }),
  );
  await Promise.all([
    local.create({
      DBInstanceIdentifier: 'plain',
      DBParameterGroupName: 'tuned',
      DBSubnetGroupName: 'net',
      DeletionProtection: true,
    }),
    local.create({
      DBInstanceIdentifier: 'secret',
      BackupRetentionPeriod: 1,
      StorageEncrypted: true,
      KmsKeyId: 'good',
    }),
  ]);
  await client.send(
    new sdk.CreateDBSnapshotCommand({ DBInstanceIdentifier: 'plain', DBSnapshotIdentifier: 'plain-1' }),
  );
  await client.send(
    new sdk.CreateDBSnapshotCommand({ DBInstanceIdentifier: 'secret', DBSnapshotIdentifier: 'secret-1' }),
  );
  await Promise.all([local.snapshotAvailable('plain-1'), local.snapshotAvailable('secret-1')]);
  await Promise.all([local.available('plain'), local.available('secret')]);
});
afterAll(() => local.stop());

/** The SDK's types know no command of any kind: one stands for all. */
type AnyCommand = { readonly input: object };
const sendable = (command: AnyCommand) => command as unknown as sdk.DescribeDBInstancesCommand;
interface Where {
  readonly region?: string;
  readonly as?: string;
}
type Row = [about: string, command: AnyCommand, fault: string, message?: string, where?: Where];

const create = (wanted: Partial<sdk.CreateDBInstanceCommandInput>) =>
  new sdk.CreateDBInstanceCommand({
    DBInstanceIdentifier: 'new',
    Engine: 'postgres',
    DBInstanceClass: 'db.t4g.micro',
    AllocatedStorage: 20,
    ...master,
    ...wanted,
  });
const modify = (wanted: Partial<sdk.ModifyDBInstanceCommandInput>) =>
  new sdk.ModifyDBInstanceCommand({ DBInstanceIdentifier: 'plain', ApplyImmediately: true, ...wanted });
const restore = (wanted: Partial<sdk.RestoreDBInstanceFromDBSnapshotCommandInput>) =>
  new sdk.RestoreDBInstanceFromDBSnapshotCommand({
    DBInstanceIdentifier: 'new',
    DBSnapshotIdentifier: 'plain-1',
    ...wanted,
  });
const rewind = (wanted: Partial<sdk.RestoreDBInstanceToPointInTimeCommandInput>) =>
  new sdk.RestoreDBInstanceToPointInTimeCommand({ TargetDBInstanceIdentifier: 'new', ...wanted });
const copy = (source: string, target = 'new', wanted: Partial<sdk.CopyDBSnapshotCommandInput> = {}) =>
  new sdk.CopyDBSnapshotCommand({
    SourceDBSnapshotIdentifier: source,
    TargetDBSnapshotIdentifier: target,
    ...wanted,
  });
const replica = (source: string, wanted: Partial<sdk.CreateDBInstanceReadReplicaCommandInput> = {}) =>
  new sdk.CreateDBInstanceReadReplicaCommand({
    DBInstanceIdentifier: 'new',
    SourceDBInstanceIdentifier: source,
    ...wanted,
  });
const tag = (Key: string, Value = 'v') => ({ Key, Value });
const parameters = (...given: [string, string, sdk.ApplyMethod?][]) =>
  new sdk.ModifyDBParameterGroupCommand({
    DBParameterGroupName: 'tuned',
    Parameters: given.map(([ParameterName, ParameterValue, ApplyMethod = 'pending-reboot']) => ({
      ParameterName,
      ParameterValue,
      ApplyMethod,
    })),
  });
const attribute = (id: string, add: string[], AttributeName = 'restore') =>
  new sdk.ModifyDBSnapshotAttributeCommand({ DBSnapshotIdentifier: id, AttributeName, ValuesToAdd: add });
const nobody = { DBInstanceIdentifier: 'nobody' };
const there = { region: elsewhere };
const secretThere = arn('snapshot', 'secret-1');

const rows: Row[] = [
  // Creating
  [
    'a name that is taken, in other letters',
    create({ DBInstanceIdentifier: 'PLAIN' }),
    'DBInstanceAlreadyExistsFault',
  ],
  [
    'a name that begins with a digit',
    create({ DBInstanceIdentifier: '1st' }),
    'InvalidParameterValue',
    'begin with a letter',
  ],
  ['a name with two hyphens', create({ DBInstanceIdentifier: 'a--b' }), 'InvalidParameterValue'],
  ['a name that ends with a hyphen', create({ DBInstanceIdentifier: 'a-' }), 'InvalidParameterValue'],
  ['a name with an underscore', create({ DBInstanceIdentifier: 'a_b' }), 'InvalidParameterValue'],
  ['a name with another alphabet', create({ DBInstanceIdentifier: 'größe' }), 'InvalidParameterValue'],
  ['a name of 64 letters', create({ DBInstanceIdentifier: 'a'.repeat(64) }), 'InvalidParameterValue', '63'],
  ['an empty name', create({ DBInstanceIdentifier: '' }), 'InvalidParameterValue', 'must not be blank'],
  ['another engine', create({ Engine: 'mysql' }), 'InvalidParameterValue', 'mysql'],
  ['another version', create({ EngineVersion: '9.6' }), 'InvalidParameterCombination', '9.6'],
  ['an unknown class', create({ DBInstanceClass: 'db.huge' }), 'InvalidParameterValue', 'db.huge'],
  ['too little storage', create({ AllocatedStorage: 5 }), 'InvalidParameterValue', '20 to 65536'],
  ['no storage', create({ AllocatedStorage: undefined }), 'InvalidParameterValue', 'storage size'],
  ['an unknown kind of storage', create({ StorageType: 'tape' }), 'InvalidParameterValue', 'tape'],
  ['IOPS of a storage without', create({ StorageType: 'gp2', Iops: 3000 }), 'InvalidParameterCombination'],
  ['no password', create({ MasterUserPassword: undefined }), 'InvalidParameterValue', 'MasterUserPassword'],
  [
    'a password too short',
    create({ MasterUserPassword: 'short' }),
    'InvalidParameterValue',
    'shorter than 8',
  ],
  [
    'a password with an at-sign',
    create({ MasterUserPassword: 'p@ssw0rdlong' }),
    'InvalidParameterValue',
    'printable',
  ],
  ['a reserved master user', create({ MasterUsername: 'rdsadmin' }), 'InvalidParameterValue', 'rdsadmin'],
  ['a master user with a hyphen', create({ MasterUsername: 'a-b' }), 'InvalidParameterValue'],
  ['a database name with a hyphen', create({ DBName: 'a-b' }), 'InvalidParameterValue', 'a-b'],
  ['a retention of 36 days', create({ BackupRetentionPeriod: 36 }), 'InvalidParameterValue', '0 and 35'],
  ['a backup window of no hour', create({ PreferredBackupWindow: '25:00-26:00' }), 'InvalidParameterValue'],
  [
    'a maintenance window of no day',
    create({ PreferredMaintenanceWindow: 'day:01:00-day:02:00' }),
    'InvalidParameterValue',
  ],
  ['a port below 1150', create({ Port: 80 }), 'InvalidParameterValue', '1150'],
  [
    'a zone of another Region',
    create({ AvailabilityZone: 'us-east-1a' }),
    'InvalidParameterValue',
    'us-east-1a',
  ],
  [
    'a zone for two zones',
    create({ AvailabilityZone: 'eu-west-1a', MultiAZ: true }),
    'InvalidParameterCombination',
  ],
  ['an unknown subnet group', create({ DBSubnetGroupName: 'nowhere' }), 'DBSubnetGroupNotFoundFault'],
  [
    'an unknown parameter group',
    create({ DBParameterGroupName: 'nowhere' }),
    'DBParameterGroupNotFoundFault',
  ],
  ['an unknown option group', create({ OptionGroupName: 'nowhere' }), 'OptionGroupNotFoundFault'],
  ['a key without encryption', create({ KmsKeyId: 'good' }), 'InvalidParameterCombination'],
  [
    'an unknown key',
    create({ StorageEncrypted: true, KmsKeyId: 'lost' }),
    'KMSKeyNotAccessibleFault',
    'lost',
  ],
  [
    'a disabled key',
    create({ StorageEncrypted: true, KmsKeyId: 'disabled' }),
    'KMSKeyNotAccessibleFault',
    'enabled',
  ],
  ['a tag of AWS', create({ Tags: [tag('aws:mine')] }), 'InvalidParameterValue', 'aws:mine'],
  ['a tag twice', create({ Tags: [tag('a'), tag('a')] }), 'InvalidParameterValue', 'more than once'],
  [
    'too many tags',
    create({ Tags: ['a', 'b', 'c', 'd'].map((key) => tag(key)) }),
    'InvalidParameterValue',
    '3 tags',
  ],
  [
    'what has no effect here',
    create({ EnablePerformanceInsights: true }),
    'InvalidParameterCombination',
    'not supported',
  ],
  // Looking
  ['nobody', new sdk.DescribeDBInstancesCommand(nobody), 'DBInstanceNotFoundFault', 'nobody not found'],
  [
    'one of another Region',
    new sdk.DescribeDBInstancesCommand({ DBInstanceIdentifier: 'plain' }),
    'DBInstanceNotFoundFault',
    '',
    there,
  ],
  [
    'one of another account',
    new sdk.DescribeDBInstancesCommand({ DBInstanceIdentifier: arn('db', 'plain') }),
    'DBInstanceNotFoundFault',
    '',
    { as: other },
  ],
  [
    'an unknown filter',
    new sdk.DescribeDBInstancesCommand({ Filters: [{ Name: 'colour', Values: ['red'] }] }),
    'InvalidParameterValue',
    'colour',
  ],
  // Changing
  ['nobody', modify(nobody), 'DBInstanceNotFoundFault'],
  ['less storage', modify({ AllocatedStorage: 10 }), 'InvalidParameterValue'],
  ['hardly more storage', modify({ AllocatedStorage: 21 }), 'InvalidParameterCombination', '10 percent'],
  ['a name that is taken', modify({ NewDBInstanceIdentifier: 'secret' }), 'DBInstanceAlreadyExistsFault'],
  ['an unknown group', modify({ DBParameterGroupName: 'nowhere' }), 'DBParameterGroupNotFoundFault'],
  ['a move to other subnets', modify({ DBSubnetGroupName: 'nowhere' }), 'InvalidParameterCombination'],
  ['a password too short', modify({ MasterUserPassword: 'short' }), 'InvalidParameterValue'],
  ['nobody', new sdk.RebootDBInstanceCommand(nobody), 'DBInstanceNotFoundFault'],
  [
    'failover of one zone',
    new sdk.RebootDBInstanceCommand({ DBInstanceIdentifier: 'plain', ForceFailover: true }),
    'InvalidParameterCombination',
  ],
  ['nobody', new sdk.StopDBInstanceCommand(nobody), 'DBInstanceNotFoundFault'],
  [
    'a snapshot that is there',
    new sdk.StopDBInstanceCommand({ DBInstanceIdentifier: 'plain', DBSnapshotIdentifier: 'plain-1' }),
    'DBSnapshotAlreadyExistsFault',
  ],
  ['nobody', new sdk.StartDBInstanceCommand(nobody), 'DBInstanceNotFoundFault'],
  [
    'one that runs',
    new sdk.StartDBInstanceCommand({ DBInstanceIdentifier: 'plain' }),
    'InvalidDBInstanceStateFault',
  ],
  // Deleting
  [
    'nobody',
    new sdk.DeleteDBInstanceCommand({ ...nobody, SkipFinalSnapshot: true }),
    'DBInstanceNotFoundFault',
  ],
  [
    'a protected one',
    new sdk.DeleteDBInstanceCommand({ DBInstanceIdentifier: 'plain', SkipFinalSnapshot: true }),
    'InvalidParameterCombination',
    'protection',
  ],
  [
    'no word of a final snapshot',
    new sdk.DeleteDBInstanceCommand({ DBInstanceIdentifier: 'secret' }),
    'InvalidParameterCombination',
    'FinalDBSnapshotIdentifier',
  ],
  [
    'a final snapshot and none',
    new sdk.DeleteDBInstanceCommand({
      DBInstanceIdentifier: 'secret',
      SkipFinalSnapshot: true,
      FinalDBSnapshotIdentifier: 'a',
    }),
    'InvalidParameterCombination',
  ],
  [
    'a final snapshot that is there',
    new sdk.DeleteDBInstanceCommand({
      DBInstanceIdentifier: 'secret',
      FinalDBSnapshotIdentifier: 'secret-1',
    }),
    'DBSnapshotAlreadyExistsFault',
  ],
  // Snapshots
  [
    'nobody',
    new sdk.CreateDBSnapshotCommand({ ...nobody, DBSnapshotIdentifier: 'new' }),
    'DBInstanceNotFoundFault',
  ],
  [
    'a name that is taken',
    new sdk.CreateDBSnapshotCommand({ DBInstanceIdentifier: 'plain', DBSnapshotIdentifier: 'Plain-1' }),
    'DBSnapshotAlreadyExistsFault',
  ],
  [
    'a name as automated ones have',
    new sdk.CreateDBSnapshotCommand({ DBInstanceIdentifier: 'plain', DBSnapshotIdentifier: 'rds:mine' }),
    'InvalidParameterValue',
  ],
  [
    'none',
    new sdk.DescribeDBSnapshotsCommand({ DBSnapshotIdentifier: 'nothing' }),
    'DBSnapshotNotFoundFault',
  ],
  [
    'a type that there is not',
    new sdk.DescribeDBSnapshotsCommand({ SnapshotType: 'polaroid' }),
    'InvalidParameterValue',
  ],
  ['none', new sdk.DeleteDBSnapshotCommand({ DBSnapshotIdentifier: 'nothing' }), 'DBSnapshotNotFoundFault'],
  [
    'none',
    new sdk.DescribeDBSnapshotAttributesCommand({ DBSnapshotIdentifier: 'nothing' }),
    'DBSnapshotNotFoundFault',
  ],
  ['none', attribute('nothing', []), 'DBSnapshotNotFoundFault'],
  ['another attribute', attribute('plain-1', [other], 'colour'), 'InvalidParameterValue', 'colour'],
  ['no account', attribute('plain-1', ['me']), 'InvalidParameterValue', 'me'],
  ['everybody, of an encrypted one', attribute('secret-1', ['all']), 'InvalidDBSnapshotStateFault'],
  [
    'too many accounts',
    attribute('plain-1', [other, '111111111111', '222222222222']),
    'SharedSnapshotQuotaExceededFault',
  ],
  // Copies
  ['none', copy('nothing'), 'DBSnapshotNotFoundFault'],
  ['none of that Region', copy(arn('snapshot', 'plain-1', 'us-east-1')), 'DBSnapshotNotFoundFault'],
  [
    'one of another account that does not share it',
    copy(arn('snapshot', 'plain-1')),
    'DBSnapshotNotFoundFault',
    '',
    { as: other },
  ],
  ['a name that is taken', copy('plain-1', 'secret-1'), 'DBSnapshotAlreadyExistsFault'],
  [
    'an encrypted one elsewhere without a key',
    copy(secretThere),
    'InvalidParameterCombination',
    elsewhere,
    there,
  ],
  [
    'an encrypted one elsewhere with a disabled key',
    copy(secretThere, 'new', { KmsKeyId: 'disabled' }),
    'KMSKeyNotAccessibleFault',
    '',
    there,
  ],
  [
    'an encrypted one elsewhere with a key that is not there',
    copy(secretThere, 'new', { KmsKeyId: 'lost' }),
    'KMSKeyNotAccessibleFault',
    '',
    there,
  ],
  // Restores
  ['none', restore({ DBSnapshotIdentifier: 'nothing' }), 'DBSnapshotNotFoundFault'],
  ['no snapshot named', restore({ DBSnapshotIdentifier: undefined }), 'MissingParameter'],
  ['a name that is taken', restore({ DBInstanceIdentifier: 'plain' }), 'DBInstanceAlreadyExistsFault'],
  ['an unknown subnet group', restore({ DBSubnetGroupName: 'nowhere' }), 'DBSubnetGroupNotFoundFault'],
  [
    'an unknown parameter group',
    restore({ DBParameterGroupName: 'nowhere' }),
    'DBParameterGroupNotFoundFault',
  ],
  ['less storage than it needs', restore({ AllocatedStorage: 10 }), 'InvalidParameterValue'],
  ['another engine', restore({ Engine: 'mysql' }), 'InvalidParameterValue'],
  [
    'nobody',
    rewind({ SourceDBInstanceIdentifier: 'nobody', UseLatestRestorableTime: true }),
    'DBInstanceNotFoundFault',
  ],
  ['no source', rewind({ UseLatestRestorableTime: true }), 'InvalidParameterCombination', 'Exactly one'],
  [
    'neither a time nor the latest',
    rewind({ SourceDBInstanceIdentifier: 'secret' }),
    'InvalidParameterCombination',
  ],
  [
    'a time and the latest',
    rewind({ SourceDBInstanceIdentifier: 'secret', UseLatestRestorableTime: true, RestoreTime: new Date() }),
    'InvalidParameterCombination',
  ],
  [
    'a source without backups',
    rewind({ SourceDBInstanceIdentifier: 'plain', UseLatestRestorableTime: true }),
    'PointInTimeRestoreNotEnabledFault',
  ],
  [
    'a moment before the first backup',
    rewind({ SourceDBInstanceIdentifier: 'secret', RestoreTime: new Date('2020-01-01') }),
    'InvalidParameterValue',
    'earlier than',
  ],
  [
    'a moment in the future',
    rewind({ SourceDBInstanceIdentifier: 'secret', RestoreTime: new Date('2100-01-01') }),
    'InvalidParameterValue',
    'later than',
  ],
  [
    'a backup that there is not',
    rewind({
      SourceDBInstanceAutomatedBackupsArn: arn('auto-backup', 'ab-x'),
      UseLatestRestorableTime: true,
    }),
    'DBInstanceAutomatedBackupNotFoundFault',
  ],
  [
    'a resource that there is not',
    rewind({ SourceDbiResourceId: 'db-X', UseLatestRestorableTime: true }),
    'DBInstanceAutomatedBackupNotFoundFault',
  ],
  [
    'a name that is taken',
    rewind({
      SourceDBInstanceIdentifier: 'secret',
      UseLatestRestorableTime: true,
      TargetDBInstanceIdentifier: 'plain',
    }),
    'DBInstanceAlreadyExistsFault',
  ],
  // Replicas
  ['nobody', replica('nobody'), 'DBInstanceNotFoundFault'],
  [
    'a source without backups',
    replica('plain'),
    'InvalidDBInstanceStateFault',
    'Automated backups are not enabled',
  ],
  [
    'a name that is taken',
    replica('secret', { DBInstanceIdentifier: 'plain' }),
    'DBInstanceAlreadyExistsFault',
  ],
  [
    'a key in the Region of the source',
    replica('secret', { KmsKeyId: 'good' }),
    'InvalidParameterCombination',
  ],
  [
    'an encrypted source elsewhere without a key',
    replica(arn('db', 'secret')),
    'InvalidParameterCombination',
    elsewhere,
    there,
  ],
  [
    'an encrypted source elsewhere with a disabled key',
    replica(arn('db', 'secret'), { KmsKeyId: 'disabled' }),
    'KMSKeyNotAccessibleFault',
    '',
    there,
  ],
  ['nobody', new sdk.PromoteReadReplicaCommand(nobody), 'DBInstanceNotFoundFault'],
  [
    'one that is no replica',
    new sdk.PromoteReadReplicaCommand({ DBInstanceIdentifier: 'plain' }),
    'InvalidDBInstanceStateFault',
  ],
  // Automated backups
  [
    'none',
    new sdk.DescribeDBInstanceAutomatedBackupsCommand({ DbiResourceId: 'db-X' }),
    'DBInstanceAutomatedBackupNotFoundFault',
  ],
  [
    'nobody',
    new sdk.StartDBInstanceAutomatedBackupsReplicationCommand({ SourceDBInstanceArn: arn('db', 'nobody') }),
    'DBInstanceNotFoundFault',
    '',
    there,
  ],
  [
    'its own Region',
    new sdk.StartDBInstanceAutomatedBackupsReplicationCommand({
      SourceDBInstanceArn: arn('db', 'secret'),
      KmsKeyId: 'good',
    }),
    'InvalidParameterValue',
  ],
  [
    'a source without backups',
    new sdk.StartDBInstanceAutomatedBackupsReplicationCommand({ SourceDBInstanceArn: arn('db', 'plain') }),
    'InvalidDBInstanceStateFault',
    '',
    there,
  ],
  [
    'an encrypted source without a key',
    new sdk.StartDBInstanceAutomatedBackupsReplicationCommand({ SourceDBInstanceArn: arn('db', 'secret') }),
    'InvalidParameterCombination',
    '',
    there,
  ],
  [
    'a disabled key',
    new sdk.StartDBInstanceAutomatedBackupsReplicationCommand({
      SourceDBInstanceArn: arn('db', 'secret'),
      KmsKeyId: 'disabled',
    }),
    'KMSKeyNotAccessibleFault',
    '',
    there,
  ],
  [
    'what is not replicated',
    new sdk.StopDBInstanceAutomatedBackupsReplicationCommand({ SourceDBInstanceArn: arn('db', 'secret') }),
    'DBInstanceNotFoundFault',
    '',
    there,
  ],
  [
    'none',
    new sdk.DeleteDBInstanceAutomatedBackupCommand({ DbiResourceId: 'db-X' }),
    'DBInstanceAutomatedBackupNotFoundFault',
  ],
  // Events
  [
    'a source without its type',
    new sdk.DescribeEventsCommand({ SourceIdentifier: 'plain' }),
    'InvalidParameterCombination',
  ],
  [
    'a duration and a start',
    new sdk.DescribeEventsCommand({ Duration: 5, StartTime: new Date() }),
    'InvalidParameterCombination',
  ],
  [
    'an end before the start',
    new sdk.DescribeEventsCommand({ StartTime: new Date(), EndTime: new Date('2020-01-01') }),
    'InvalidParameterCombination',
  ],
  // Tags
  [
    'nobody',
    new sdk.ListTagsForResourceCommand({ ResourceName: arn('db', 'nobody') }),
    'DBInstanceNotFoundFault',
  ],
  ['no ARN', new sdk.ListTagsForResourceCommand({ ResourceName: 'plain' }), 'InvalidParameterValue'],
  [
    'another Region',
    new sdk.ListTagsForResourceCommand({ ResourceName: arn('db', 'plain') }),
    'InvalidParameterValue',
    '',
    there,
  ],
  [
    'no snapshot',
    new sdk.AddTagsToResourceCommand({ ResourceName: arn('snapshot', 'nothing'), Tags: [] }),
    'DBSnapshotNotFoundFault',
  ],
  [
    'too many',
    new sdk.AddTagsToResourceCommand({
      ResourceName: arn('db', 'plain'),
      Tags: ['a', 'b', 'c', 'd'].map((key) => tag(key)),
    }),
    'InvalidParameterValue',
  ],
  [
    'a key too long',
    new sdk.AddTagsToResourceCommand({ ResourceName: arn('db', 'plain'), Tags: [tag('k'.repeat(129))] }),
    'InvalidParameterValue',
  ],
  [
    'nobody',
    new sdk.RemoveTagsFromResourceCommand({ ResourceName: arn('db', 'nobody'), TagKeys: [] }),
    'DBInstanceNotFoundFault',
  ],
  [
    'one that is gone',
    new sdk.AddTagsToResourceCommand({ ResourceName: arn('db', 'nobody'), Tags: [] }),
    'DBInstanceNotFoundFault',
  ],
  [
    'no snapshot',
    new sdk.ListTagsForResourceCommand({ ResourceName: arn('snapshot', 'nothing') }),
    'DBSnapshotNotFoundFault',
  ],
  [
    'no snapshot',
    new sdk.RemoveTagsFromResourceCommand({ ResourceName: arn('snapshot', 'nothing'), TagKeys: [] }),
    'DBSnapshotNotFoundFault',
  ],
  // Groups that are not there
  ...[
    { DBParameterGroupName: 'nowhere', fault: 'DBParameterGroupNotFoundFault' },
    { DBSubnetGroupName: 'nowhere', fault: 'DBSubnetGroupNotFoundFault' },
    { OptionGroupName: 'nowhere', fault: 'OptionGroupNotFoundFault' },
  ].flatMap(({ fault, ...group }): Row[] => [
    ['a group', create(group), fault],
    ['a group', restore(group), fault],
    [
      'a group',
      rewind({ SourceDBInstanceIdentifier: 'secret', UseLatestRestorableTime: true, ...group }),
      fault,
    ],
    ['a group', replica('secret', group), fault],
  ]),
  // Subnet groups
  [
    'one subnet',
    new sdk.ModifyDBSubnetGroupCommand({ DBSubnetGroupName: 'net', SubnetIds: ['subnet-1'] }),
    'DBSubnetGroupDoesNotCoverEnoughAZs',
  ],
  [
    'no subnet',
    new sdk.ModifyDBSubnetGroupCommand({ DBSubnetGroupName: 'net', SubnetIds: ['vpc-1', 'subnet-2'] }),
    'InvalidSubnet',
  ],
  [
    'a name that is taken',
    new sdk.CreateDBSubnetGroupCommand({
      DBSubnetGroupName: 'Net',
      DBSubnetGroupDescription: 'x',
      SubnetIds: ['subnet-1', 'subnet-2'],
    }),
    'DBSubnetGroupAlreadyExistsFault',
  ],
  [
    'one more than the quota',
    new sdk.CreateDBSubnetGroupCommand({
      DBSubnetGroupName: 'more',
      DBSubnetGroupDescription: 'x',
      SubnetIds: ['subnet-1', 'subnet-2'],
    }),
    'DBSubnetGroupQuotaExceededFault',
  ],
  [
    'one subnet',
    new sdk.CreateDBSubnetGroupCommand({
      DBSubnetGroupName: 'one',
      DBSubnetGroupDescription: 'x',
      SubnetIds: ['subnet-1'],
    }),
    'DBSubnetGroupDoesNotCoverEnoughAZs',
    '',
    there,
  ],
  [
    'no subnet',
    new sdk.CreateDBSubnetGroupCommand({
      DBSubnetGroupName: 'one',
      DBSubnetGroupDescription: 'x',
      SubnetIds: ['vpc-1', 'subnet-2'],
    }),
    'InvalidSubnet',
    'vpc-1',
    there,
  ],
  [
    'the default',
    new sdk.CreateDBSubnetGroupCommand({
      DBSubnetGroupName: 'default',
      DBSubnetGroupDescription: 'x',
      SubnetIds: ['subnet-1', 'subnet-2'],
    }),
    'InvalidParameterValue',
  ],
  [
    'none',
    new sdk.DescribeDBSubnetGroupsCommand({ DBSubnetGroupName: 'nowhere' }),
    'DBSubnetGroupNotFoundFault',
  ],
  [
    'none',
    new sdk.ModifyDBSubnetGroupCommand({ DBSubnetGroupName: 'nowhere', SubnetIds: ['subnet-1', 'subnet-2'] }),
    'DBSubnetGroupNotFoundFault',
  ],
  [
    'one in use',
    new sdk.DeleteDBSubnetGroupCommand({ DBSubnetGroupName: 'net' }),
    'InvalidDBSubnetGroupStateFault',
    'plain',
  ],
  [
    'none',
    new sdk.DeleteDBSubnetGroupCommand({ DBSubnetGroupName: 'nowhere' }),
    'DBSubnetGroupNotFoundFault',
  ],
  // Parameter groups
  [
    'none',
    new sdk.ModifyDBParameterGroupCommand({
      DBParameterGroupName: 'nowhere',
      Parameters: [{ ParameterName: 'work_mem', ParameterValue: '64' }],
    }),
    'DBParameterGroupNotFoundFault',
  ],
  [
    'none',
    new sdk.ResetDBParameterGroupCommand({ DBParameterGroupName: 'nowhere', ResetAllParameters: true }),
    'DBParameterGroupNotFoundFault',
  ],
  [
    'a name that is taken',
    new sdk.CreateDBParameterGroupCommand({
      DBParameterGroupName: 'tuned',
      DBParameterGroupFamily: 'postgres18',
      Description: 'x',
    }),
    'DBParameterGroupAlreadyExistsFault',
  ],
  [
    'one more than the quota',
    new sdk.CreateDBParameterGroupCommand({
      DBParameterGroupName: 'more',
      DBParameterGroupFamily: 'postgres18',
      Description: 'x',
    }),
    'DBParameterGroupQuotaExceededFault',
  ],
  [
    'another family',
    new sdk.CreateDBParameterGroupCommand({
      DBParameterGroupName: 'more',
      DBParameterGroupFamily: 'mysql8.0',
      Description: 'x',
    }),
    'InvalidParameterValue',
    'mysql8.0',
  ],
  [
    'none',
    new sdk.DescribeDBParameterGroupsCommand({ DBParameterGroupName: 'nowhere' }),
    'DBParameterGroupNotFoundFault',
  ],
  [
    'none',
    new sdk.DescribeDBParametersCommand({ DBParameterGroupName: 'nowhere' }),
    'DBParameterGroupNotFoundFault',
  ],
  [
    'the default',
    new sdk.ModifyDBParameterGroupCommand({
      DBParameterGroupName: 'default.postgres18',
      Parameters: [{ ParameterName: 'work_mem', ParameterValue: '64' }],
    }),
    'InvalidParameterValue',
    'default',
  ],
  ['no change', parameters(), 'InvalidParameterValue', 'at least 1'],
  ['an unknown parameter', parameters(['colour', 'red']), 'InvalidParameterValue', 'colour'],
  ['a value out of range', parameters(['work_mem', '1']), 'InvalidParameterValue', '64-'],
  ['a value of another type', parameters(['work_mem', 'much']), 'InvalidParameterValue', 'much'],
  [
    'a word that is none of its values',
    parameters(['wal_compression', 'maybe']),
    'InvalidParameterValue',
    'maybe',
  ],
  [
    'one that the service sets',
    parameters(['archive_mode', 'off']),
    'InvalidParameterValue',
    'not modifiable',
  ],
  [
    'a static one at once',
    parameters(['max_connections', '50', 'immediate']),
    'InvalidParameterCombination',
    'static',
  ],
  [
    'everything and one',
    new sdk.ResetDBParameterGroupCommand({
      DBParameterGroupName: 'tuned',
      ResetAllParameters: true,
      Parameters: [{ ParameterName: 'work_mem' }],
    }),
    'InvalidParameterCombination',
  ],
  [
    'one in use',
    new sdk.DeleteDBParameterGroupCommand({ DBParameterGroupName: 'tuned' }),
    'InvalidDBParameterGroupStateFault',
  ],
  [
    'none',
    new sdk.DeleteDBParameterGroupCommand({ DBParameterGroupName: 'nowhere' }),
    'DBParameterGroupNotFoundFault',
  ],
];

describe('is refused', () => {
  test.each(rows.map((row) => [row[1].constructor.name.replace('Command', ''), ...row] as const))(
    '%s: %s',
    async (operation, _, command, fault, message = '', { region, as } = {}) => {
      const error = await local
        .client(region, as)
        .send(sendable(command))
        .catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ name: fault, message: expect.stringContaining(message) });
      const typed = (sdk as unknown as Record<string, new () => Error>)[fault];
      if (!typed) return;
      expect(error).toBeInstanceOf(typed);
      const declared = local.rds.service.model.operations[operation]?.errors.map(({ shape }) => shape);
      expect(declared).toContain(fault);
    },
  );

  test('nothing of it has changed anything', async () => {
    const { DBInstances = [] } = await local.client().send(new sdk.DescribeDBInstancesCommand({}));
    expect(
      DBInstances.map(({ DBInstanceIdentifier: name, DBInstanceStatus }) => [name, DBInstanceStatus]),
    ).toEqual([
      ['plain', 'available'],
      ['secret', 'available'],
    ]);
    const { DBSnapshots = [] } = await local
      .client()
      .send(new sdk.DescribeDBSnapshotsCommand({ SnapshotType: 'manual' }));
    expect(DBSnapshots.map(({ DBSnapshotIdentifier: name }) => name)).toEqual(['plain-1', 'secret-1']);
    expect(await local.rds.engine.list()).toHaveLength(2);
  });
});

describe('a quota is held', () => {
  test('for replicas of one source, instances and manual snapshots', async () => {
    const client = local.client();
    await client.send(replica('secret', { DBInstanceIdentifier: 'second' }));
    await local.available('second');
    await expect(client.send(replica('secret', { DBInstanceIdentifier: 'third' }))).rejects.toMatchObject({
      name: 'InvalidDBInstanceStateFault',
      message: expect.stringContaining('can have no more'),
    });
    await local.create({
      DBInstanceIdentifier: 'fourth',
      BackupRetentionPeriod: 1,
      StorageEncrypted: true,
      KmsKeyId: 'good',
    });
    for (const command of [
      create({}),
      replica('fourth'),
      restore({}),
      rewind({ SourceDBInstanceIdentifier: 'secret', UseLatestRestorableTime: true }),
    ]) {
      await expect(client.send(command as sdk.CreateDBInstanceCommand)).rejects.toBeInstanceOf(
        sdk.InstanceQuotaExceededFault,
      );
    }
    await client.send(copy('plain-1', 'plain-2'));
    await expect(client.send(copy('plain-1', 'plain-3'))).rejects.toBeInstanceOf(
      sdk.SnapshotQuotaExceededFault,
    );
    await expect(
      client.send(
        new sdk.CreateDBSnapshotCommand({ DBInstanceIdentifier: 'plain', DBSnapshotIdentifier: 'plain-3' }),
      ),
    ).rejects.toBeInstanceOf(sdk.SnapshotQuotaExceededFault);
    await expect(
      client.send(
        new sdk.DeleteDBInstanceCommand({
          DBInstanceIdentifier: 'secret',
          FinalDBSnapshotIdentifier: 'last',
        }),
      ),
    ).rejects.toBeInstanceOf(sdk.SnapshotQuotaExceededFault);
    await expect(
      client.send(
        new sdk.StopDBInstanceCommand({ DBInstanceIdentifier: 'fourth', DBSnapshotIdentifier: 'last' }),
      ),
    ).rejects.toBeInstanceOf(sdk.SnapshotQuotaExceededFault);
    await local.snapshotAvailable('plain-2');
  });

  test('for copies of automated backups', async () => {
    const client = local.client(elsewhere);
    const start = (name: string) =>
      new sdk.StartDBInstanceAutomatedBackupsReplicationCommand({
        SourceDBInstanceArn: arn('db', name),
        KmsKeyId: 'good',
      });
    await client.send(start('secret'));
    await expect(client.send(start('secret'))).rejects.toBeInstanceOf(
      sdk.InvalidDBInstanceAutomatedBackupStateFault,
    );
    await expect(client.send(start('fourth'))).rejects.toBeInstanceOf(
      sdk.DBInstanceAutomatedBackupQuotaExceededFault,
    );
  });
});

test('automated backups that are still made cannot be deleted', async () => {
  const { DbiResourceId } = await local.describe('secret');
  await expect(
    local.client().send(new sdk.DeleteDBInstanceAutomatedBackupCommand({ DbiResourceId })),
  ).rejects.toBeInstanceOf(sdk.InvalidDBInstanceAutomatedBackupStateFault);
});

describe('a key that is disabled later', () => {
  test('stops restores, copies, starts and reboots of what it encrypts, not what runs', async () => {
    const client = local.client();
    const fourth = { DBInstanceIdentifier: 'fourth' };
    await client.send(new sdk.StopDBInstanceCommand(fourth));
    const status = async () => (await local.describe('fourth')).DBInstanceStatus;
    await expect.poll(status, { timeout: 30_000 }).toBe('stopped');
    keys.set('eu-west-1 good', { arn: `arn:aws:kms:eu-west-1:${account}:key/good`, enabled: false });
    await expect(client.send(restore({ DBSnapshotIdentifier: 'secret-1' }))).rejects.toBeInstanceOf(
      sdk.KMSKeyNotAccessibleFault,
    );
    await expect(
      client.send(rewind({ SourceDBInstanceIdentifier: 'secret', UseLatestRestorableTime: true })),
    ).rejects.toBeInstanceOf(sdk.KMSKeyNotAccessibleFault);
    await expect(client.send(copy('secret-1', 'new', { KmsKeyId: 'later-disabled' }))).rejects.toBeInstanceOf(
      sdk.KMSKeyNotAccessibleFault,
    );
    await expect(client.send(new sdk.StartDBInstanceCommand(fourth))).rejects.toBeInstanceOf(
      sdk.KMSKeyNotAccessibleFault,
    );
    await expect(
      client.send(new sdk.RebootDBInstanceCommand({ DBInstanceIdentifier: 'secret' })),
    ).rejects.toBeInstanceOf(sdk.KMSKeyNotAccessibleFault);
    await local.connect('secret', (secret) => secret.query('SELECT 1'));
  });
});

describe('a snapshot that is shared', () => {
  test('is seen and restored by whom it is shared with, and not handed on by them', async () => {
    const client = local.client();
    const theirs = local.client('eu-west-1', other);
    await client.send(attribute('plain-1', [other]));
    const { DBSnapshotAttributesResult } = await theirs.send(
      new sdk.DescribeDBSnapshotAttributesCommand({ DBSnapshotIdentifier: arn('snapshot', 'plain-1') }),
    );
    expect(DBSnapshotAttributesResult?.DBSnapshotAttributes).toEqual([
      { AttributeName: 'restore', AttributeValues: [other] },
    ]);
    const shared = await theirs.send(new sdk.DescribeDBSnapshotsCommand({ SnapshotType: 'shared' }));
    expect(shared.DBSnapshots?.map(({ DBSnapshotArn }) => DBSnapshotArn)).toEqual([
      arn('snapshot', 'plain-1'),
    ]);
    expect((await theirs.send(new sdk.DescribeDBSnapshotsCommand({}))).DBSnapshots).toEqual([]);
    await expect(theirs.send(attribute(arn('snapshot', 'plain-1'), ['all']))).rejects.toBeInstanceOf(
      sdk.DBSnapshotNotFoundFault,
    );
    await theirs.send(copy(arn('snapshot', 'plain-1'), 'mine-now'));
    const mine = async () =>
      (await theirs.send(new sdk.DescribeDBSnapshotsCommand({ DBSnapshotIdentifier: 'mine-now' })))
        .DBSnapshots?.[0];
    await expect.poll(async () => (await mine())?.Status, { timeout: 30_000 }).toBe('available');
    await client.send(
      new sdk.ModifyDBSnapshotAttributeCommand({
        DBSnapshotIdentifier: 'plain-1',
        AttributeName: 'restore',
        ValuesToRemove: [other],
      }),
    );
    await expect(
      theirs.send(restore({ DBSnapshotIdentifier: arn('snapshot', 'plain-1') })),
    ).rejects.toBeInstanceOf(sdk.DBSnapshotNotFoundFault);
  });
});

describe('of the faults that AWS documents for an action', () => {
  test('none that can come about is left out', () => {
    const provoked = new Set([...local.faults, ...PROVOKED_BY_STATES]);
    const left = documentedFaults(local.rds.service.model).filter((pair) => !provoked.has(pair));
    expect(left).toEqual([]);
  });

  test('none came about that is said not to', () => {
    const impossible = new Set(excusedFaults());
    const answered = [...local.faults].filter(
      (pair) => impossible.has(pair.split(' ')[1] ?? '') || excusedPairs().includes(pair),
    );
    expect(answered).toEqual([]);
  });
});
