import * as sdk from '@aws-sdk/client-rds';
import { arn, type Row, there } from './commands.ts';

/** Requests for automated backups and their copies in other Regions, and how each is refused. */
export const automatedBackupRows: readonly Row[] = [
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
];
