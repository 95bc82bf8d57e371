import type { RestoreDBInstanceToPointInTimeCommandInput as Input } from '@aws-sdk/client-rds';
import { Fault } from '../../protocol/fault.ts';
import type { AutomatedBackup, Instance } from '../../state/things.ts';
import { action } from '../action.ts';
import { arnOf, parseArn } from '../arn.ts';
import { automatedBackupOf } from '../automated-backups/end-automated-backup.ts';
import { reach } from '../automated-backups/reach.ts';
import { checkEngine, checkLicense } from '../catalog/engine.ts';
import { usableKey } from '../encryption.ts';
import { instanceEvent } from '../events.ts';
import type { Call } from '../service.ts';
import { becomeAvailable } from './become-available.ts';
import { settings } from './checked-settings.ts';
import { describeInstance, namedInstanceArn } from './describe-instance.ts';
import { instanceNamed, requireStatus, resumeOperation } from './instance.ts';
import { announceInstance, groupArns, newInstanceName } from './new-instance.ts';
import { requireFreePort } from './port.ts';
import { restoreFailed } from './restore-failed.ts';

export const restoreDBInstanceToPointInTime = action('RestoreDBInstanceToPointInTime', {
  parameters: [
    ...settings,
    'Engine',
    'LicenseModel',
    'MaxAllocatedStorage',
    'RestoreTime',
    'SourceDBInstanceAutomatedBackupsArn',
    'SourceDBInstanceIdentifier',
    'SourceDbiResourceId',
    'TargetDBInstanceIdentifier',
    'UseLatestRestorableTime',
  ],
  resources: (call, input) => [
    ...(input.SourceDBInstanceIdentifier ? [namedInstanceArn(call, input.SourceDBInstanceIdentifier)] : []),
    ...(input.SourceDBInstanceAutomatedBackupsArn ? [input.SourceDBInstanceAutomatedBackupsArn] : []),
    arnOf(call, 'db', (input.TargetDBInstanceIdentifier ?? '').toLowerCase()),
    ...groupArns(call, input),
  ],
  async perform(call, input) {
    const { service } = call;
    checkEngine(service, input.Engine, undefined);
    checkLicense(input.LicenseModel);
    const latest = input.UseLatestRestorableTime === true;
    if (latest === (input.RestoreTime !== undefined)) {
      throw new Fault(
        'InvalidParameterCombination',
        'Either RestoreTime or UseLatestRestorableTime must be specified, and not both.',
      );
    }
    const backup = sourceOf(call, input);
    const { shown } = backup;
    if (shown.KmsKeyId) await usableKey(call, shown.KmsKeyId);
    await requireFreePort(input.Port);
    const reachable = await reach(service, backup, input.RestoreTime);
    const name = newInstanceName(call, 'TargetDBInstanceIdentifier', input.TargetDBInstanceIdentifier);
    const from = {
      ...backup.of,
      Engine: shown.Engine,
      EngineVersion: shown.EngineVersion,
      LicenseModel: shown.LicenseModel,
      MasterUsername: shown.MasterUsername,
      AllocatedStorage: shown.AllocatedStorage,
      StorageType: shown.StorageType,
      StorageEncrypted: shown.Encrypted,
      KmsKeyId: shown.KmsKeyId,
    };
    const instance = announceInstance(call, name, input, from, { kind: 'restore' });
    resumeOperation(service, instance, {
      work: { kind: 'restore' },
      status: 'creating',
      async run(signal) {
        const cluster = await service.engine.restoreToPointInTime({
          id: instance.cluster,
          from: reachable.base,
          archive: backup.archive,
          target: input.RestoreTime ?? 'latest',
          ...(input.Port !== undefined && { port: input.Port }),
          parameters: instance.applied,
          signal,
        });
        const source = `DB instance ${shown.DBInstanceIdentifier}`;
        instanceEvent(service, instance, 'restoration', `Restored from ${source} to a point in time`);
        await becomeAvailable(service, instance, cluster, signal);
      },
      failed: (error) => restoreFailed(service, instance, error),
      ended: service.backups.lease(reachable.base.folder),
    });
    return { DBInstance: await describeInstance(service, instance) };
  },
});

/** Exactly one of the three ways to name a source. */
function sourceOf(call: Call, input: Input): AutomatedBackup {
  const { SourceDBInstanceIdentifier, SourceDbiResourceId, SourceDBInstanceAutomatedBackupsArn: arn } = input;
  const given = [SourceDBInstanceIdentifier, SourceDbiResourceId, arn].filter((one) => one !== undefined);
  if (given.length !== 1) {
    throw new Fault(
      'InvalidParameterCombination',
      'Exactly one of SourceDBInstanceIdentifier, SourceDbiResourceId and SourceDBInstanceAutomatedBackupsArn must be specified.',
    );
  }
  if (SourceDBInstanceIdentifier !== undefined)
    return backupOf(call, instanceNamed(call, SourceDBInstanceIdentifier));
  const { state } = call.service;
  const found = state.automatedBackups
    .list(call)
    .find(
      ({ name, shown }) =>
        name === SourceDbiResourceId || (arn !== undefined && shown.DBInstanceAutomatedBackupsArn === arn),
    );
  // RDS finds copies of another Region by their ARN alone: github.com/hashicorp/terraform-provider-aws/pull/23649.
  if (found && arn === undefined && parseArn(found.shown.DBInstanceArn ?? '')?.region !== call.region)
    throw new Fault('DBInstanceNotFoundFault', `DBInstance ${SourceDbiResourceId} not found.`);
  if (found) return found;
  throw new Fault(
    'DBInstanceAutomatedBackupNotFoundFault',
    `The automated backup ${arn ?? SourceDbiResourceId} doesn't exist in ${call.region}.`,
  );
}

function backupOf(call: Call, instance: Instance): AutomatedBackup {
  requireStatus(instance, [
    'available',
    'backing-up',
    'modifying',
    'rebooting',
    'stopped',
    'stopping',
    'starting',
    'storage-full',
  ]);
  const backup = automatedBackupOf(call.service, instance);
  if (backup && backup.bases.length > 0) return backup;
  throw new Fault(
    'PointInTimeRestoreNotEnabledFault',
    `Backups are not enabled for the source DB instance ${instance.name}, or none has been taken yet.`,
  );
}
