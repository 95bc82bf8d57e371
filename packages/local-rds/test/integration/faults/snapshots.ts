import * as sdk from '@aws-sdk/client-rds';
import { arn, attribute, copy, elsewhere, nobody, other, type Row, secretThere, there } from './commands.ts';

/** Requests for snapshots and their copies, and how each is refused. */
export const snapshotRows: readonly Row[] = [
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
];
