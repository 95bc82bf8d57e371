import type { CreateDBInstanceReadReplicaCommandInput as Input } from '@aws-sdk/client-rds';
import { Fault } from '../../protocol/fault.ts';
import type { Instance } from '../../state/things.ts';
import { action } from '../action.ts';
import { arnOf, parseArn } from '../arn.ts';
import { usableKey } from '../encryption.ts';
import { instanceEvent } from '../events.ts';
import { becomeAvailable } from '../instances/become-available.ts';
import { settings } from '../instances/checked-settings.ts';
import { describeInstance, namedInstanceArn } from '../instances/describe-instance.ts';
import {
  clusterOf,
  instanceArn,
  instanceByArn,
  requireStatus,
  resumeOperation,
} from '../instances/instance.ts';
import { announceInstance, groupArns, newInstanceName } from '../instances/new-instance.ts';
import { requireFreePort } from '../instances/port.ts';
import type { Call } from '../service.ts';

export const createDBInstanceReadReplica = action('CreateDBInstanceReadReplica', {
  parameters: [
    ...settings.filter((name) => name !== 'BackupRetentionPeriod' && name !== 'PreferredBackupWindow'),
    'DBInstanceIdentifier',
    'KmsKeyId',
    'MaxAllocatedStorage',
    'MonitoringInterval',
    'MonitoringRoleArn',
    'PreSignedUrl',
    'SourceDBInstanceIdentifier',
  ],
  resources: (call, input) => [
    namedInstanceArn(call, input.SourceDBInstanceIdentifier),
    arnOf(call, 'db', (input.DBInstanceIdentifier ?? '').toLowerCase()),
    ...groupArns(call, input),
  ],
  async perform(call, input) {
    const { service } = call;
    const KmsKeyId = await keyOfReplica(call, sourceOf(call, input), input.KmsKeyId);
    await requireFreePort(input.Port);
    // Read again: looking for the key took a while.
    const source = sourceOf(call, input);
    requireFit(call, source);
    const here = source.region === call.region;
    const name = newInstanceName(call, 'DBInstanceIdentifier', input.DBInstanceIdentifier);
    const { shown } = source;
    const from = {
      Engine: shown.Engine,
      EngineVersion: shown.EngineVersion,
      LicenseModel: shown.LicenseModel,
      MasterUsername: shown.MasterUsername,
      DBName: shown.DBName,
      DBInstanceClass: shown.DBInstanceClass,
      AllocatedStorage: shown.AllocatedStorage,
      StorageType: shown.StorageType,
      Iops: shown.Iops,
      StorageThroughput: shown.StorageThroughput,
      AutoMinorVersionUpgrade: shown.AutoMinorVersionUpgrade,
      StorageEncrypted: shown.StorageEncrypted,
      KmsKeyId,
      // "RDS creates read replicas with backups disabled": CreateDBInstanceReadReplica in the API Reference.
      BackupRetentionPeriod: 0,
      ReadReplicaSourceDBInstanceIdentifier: here ? source.name : instanceArn(source),
    };
    const given = {
      ...input,
      // The source's group in its own Region, the default elsewhere, where there is none of that name.
      DBParameterGroupName:
        input.DBParameterGroupName ?? (here ? shown.DBParameterGroups?.[0]?.DBParameterGroupName : undefined),
    };
    const follows = { source: instanceArn(source) };
    const instance = announceInstance(call, name, given, from, { kind: 'create-replica' }, follows);
    resumeOperation(service, instance, {
      work: { kind: 'create-replica' },
      status: 'creating',
      async run(signal) {
        const cluster = await service.engine.createReplica({
          id: instance.cluster,
          source: await clusterOf(service, source),
          ...(input.Port !== undefined && { port: input.Port }),
          parameters: instance.applied,
          signal,
        });
        instanceEvent(service, instance, 'creation', 'DB instance created');
        await becomeAvailable(service, instance, cluster, signal);
        instanceEvent(
          service,
          instance,
          'read replica',
          `Replication for the Read Replica started from ${source.name}`,
        );
      },
    });
    return { DBInstance: await describeInstance(service, instance) };
  },
});

/** By name in the same Region, by ARN in another, where the replica of an account may follow its own instances only. */
function sourceOf(call: Call, { SourceDBInstanceIdentifier: identifier }: Input): Instance {
  if (identifier === undefined)
    throw new Fault('MissingParameter', 'The request must contain the parameter SourceDBInstanceIdentifier.');
  const arn = parseArn(identifier);
  if (arn && arn.account !== call.account)
    throw new Fault('DBInstanceNotFoundFault', `DBInstance ${identifier} not found.`);
  return instanceByArn(call.service, arn ? identifier : namedInstanceArn(call, identifier));
}

/** Throws InvalidDBInstanceStateFault for a source that can have no replica, or no more. */
function requireFit(call: Call, source: Instance): void {
  requireStatus(source, ['available', 'backing-up', 'storage-full']);
  const refuse = (message: string) => new Fault('InvalidDBInstanceStateFault', message);
  // A replica of a replica of PostgreSQL needs no backups of its own.
  if ((source.shown.BackupRetentionPeriod ?? 0) === 0 && !source.follows) {
    throw refuse(
      'Automated backups are not enabled for this database instance. To enable automated backups, use ModifyDBInstance to ' +
        'set the backup retention period to a non-zero value.',
    );
  }
  if (source.shown.MasterUserSecret)
    throw new Fault(
      'InvalidParameterCombination',
      `RDS manages the master password of ${source.name}: such an instance can have no read replica.`,
    );
  const { state, quotas } = call.service;
  const arn = instanceArn(source);
  const replicas = state.instances.all().filter(({ follows }) => follows?.source === arn && !follows.ended);
  if (replicas.length >= quotas.replicasOfOneSource)
    throw refuse(
      `The DB instance ${source.name} has ${replicas.length} read replicas, and can have no more.`,
    );
}

/** In the source's Region always the source's own key; elsewhere one of that Region, which has to be named. */
async function keyOfReplica(
  call: Call,
  source: Instance,
  wanted: string | undefined,
): Promise<string | undefined> {
  const { StorageEncrypted, KmsKeyId } = source.shown;
  const refuse = (message: string) => new Fault('InvalidParameterCombination', message);
  if (!StorageEncrypted) {
    if (wanted === undefined) return undefined;
    throw refuse("You can't create an encrypted read replica of an unencrypted DB instance.");
  }
  if (source.region === call.region) {
    if (wanted !== undefined)
      throw refuse(
        'A read replica in the Region of its source is encrypted with the key of its source: leave KmsKeyId out.',
      );
    return usableKey(call, KmsKeyId ?? '');
  }
  if (wanted === undefined)
    throw refuse(`The DB instance ${source.name} is encrypted: KmsKeyId must name a key of ${call.region}.`);
  return usableKey(call, wanted);
}
