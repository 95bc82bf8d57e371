import { arn, type Row, restore, rewind } from './commands.ts';

/** Requests for restores, from a snapshot and to a point in time, and how each is refused. */
export const restoreRows: readonly Row[] = [
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
    "another engine's license",
    restore({ LicenseModel: 'license-included' }),
    'InvalidParameterCombination',
    'postgresql-license',
  ],
  [
    "another engine's license",
    rewind({
      SourceDBInstanceIdentifier: 'secret',
      UseLatestRestorableTime: true,
      LicenseModel: 'bring-your-own-license',
    }),
    'InvalidParameterCombination',
    'postgresql-license',
  ],
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
];
