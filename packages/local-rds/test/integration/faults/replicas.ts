import * as sdk from '@aws-sdk/client-rds';
import { arn, elsewhere, nobody, type Row, replica, there } from './commands.ts';

/** Requests for read replicas, and how each is refused. */
export const replicaRows: readonly Row[] = [
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
];
