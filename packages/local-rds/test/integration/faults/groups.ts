import * as sdk from '@aws-sdk/client-rds';
import { create, parameters, type Row, replica, restore, rewind, there } from './commands.ts';

/** Requests for subnet groups and parameter groups, and how each is refused. */
export const groupRows: readonly Row[] = [
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
    'a copy of a group that is not there',
    new sdk.CopyDBParameterGroupCommand({
      SourceDBParameterGroupIdentifier: 'nowhere',
      TargetDBParameterGroupIdentifier: 'more',
      TargetDBParameterGroupDescription: 'x',
    }),
    'DBParameterGroupNotFoundFault',
  ],
  [
    'a copy under a name that is taken',
    new sdk.CopyDBParameterGroupCommand({
      SourceDBParameterGroupIdentifier: 'tuned',
      TargetDBParameterGroupIdentifier: 'tuned',
      TargetDBParameterGroupDescription: 'x',
    }),
    'DBParameterGroupAlreadyExistsFault',
  ],
  [
    'a copy beyond the quota',
    new sdk.CopyDBParameterGroupCommand({
      SourceDBParameterGroupIdentifier: 'tuned',
      TargetDBParameterGroupIdentifier: 'more',
      TargetDBParameterGroupDescription: 'x',
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
    'a word that it does not accept',
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
