import { Fault } from '../../protocol/fault.ts';
import { action } from '../action.ts';
import { arnOf } from '../arn.ts';
import { checkEngine, checkLicense } from '../catalog/engine.ts';
import { usableKeyIn } from '../encryption.ts';
import { instanceEvent } from '../events.ts';
import { namedSnapshotArn } from '../snapshots/describe-db-snapshots.ts';
import { requireAvailable, snapshotNamed } from '../snapshots/snapshot.ts';
import { becomeAvailable } from './become-available.ts';
import { settings } from './checked-settings.ts';
import { describeInstance } from './describe-instance.ts';
import { resumeOperation } from './instance.ts';
import { announceInstance, groupArns, newInstanceName } from './new-instance.ts';
import { requireFreePort } from './port.ts';
import { restoreFailed } from './restore-failed.ts';

export const restoreDBInstanceFromDBSnapshot = action('RestoreDBInstanceFromDBSnapshot', {
  parameters: [...settings, 'DBInstanceIdentifier', 'DBSnapshotIdentifier', 'Engine', 'LicenseModel'],
  resources: (call, input) => [
    namedSnapshotArn(call, input.DBSnapshotIdentifier),
    arnOf(call, 'db', (input.DBInstanceIdentifier ?? '').toLowerCase()),
    ...groupArns(call, input),
  ],
  async perform(call, input) {
    const { service } = call;
    if (input.DBSnapshotIdentifier === undefined)
      throw new Fault('MissingParameter', 'The request must contain the parameter DBSnapshotIdentifier.');
    checkEngine(service, input.Engine, undefined);
    checkLicense(input.LicenseModel);
    const asked = snapshotNamed(call, input.DBSnapshotIdentifier);
    if (asked.shown.KmsKeyId) await usableKeyIn(service, asked, asked.shown.KmsKeyId);
    await requireFreePort(input.Port);
    // Read again: the key took a while to look up.
    const snapshot = snapshotNamed(call, input.DBSnapshotIdentifier);
    requireAvailable(snapshot);
    const name = newInstanceName(call, 'DBInstanceIdentifier', input.DBInstanceIdentifier);
    const { shown } = snapshot;
    const from = {
      ...snapshot.of,
      Engine: shown.Engine,
      EngineVersion: shown.EngineVersion,
      LicenseModel: shown.LicenseModel,
      MasterUsername: shown.MasterUsername,
      AllocatedStorage: shown.AllocatedStorage,
      StorageType: shown.StorageType,
      Iops: shown.Iops,
      StorageThroughput: shown.StorageThroughput,
      StorageEncrypted: shown.Encrypted,
      KmsKeyId: shown.KmsKeyId,
    };
    // "If there are no new tags, RDS looks for the tags from the source": the model's documentation of CopyTagsToSnapshot.
    const given = { ...input, Tags: input.Tags ?? shown.TagList };
    const instance = announceInstance(call, name, given, from, { kind: 'restore' });
    resumeOperation(service, instance, {
      work: { kind: 'restore' },
      status: 'creating',
      async run(signal) {
        const cluster = await service.engine.restoreFromBackup({
          id: instance.cluster,
          from: await service.engine.readBackup(snapshot.folder),
          ...(input.Port !== undefined && { port: input.Port }),
          parameters: instance.applied,
          signal,
        });
        instanceEvent(service, instance, 'restoration', `Restored from snapshot ${snapshot.name}`);
        await becomeAvailable(service, instance, cluster, signal);
      },
      failed: (error) => restoreFailed(service, instance, error),
      // A snapshot that is deleted meanwhile keeps its backup until it has been read.
      ended: service.backups.lease(snapshot.folder),
    });
    return { DBInstance: await describeInstance(service, instance) };
  },
});
