import path from 'node:path';
import type { DBInstanceAutomatedBackup } from '@aws-sdk/client-rds';
import { Fault } from '../../protocol/fault.ts';
import type { AutomatedBackup, Instance } from '../../state/things.ts';
import { type Action, action } from '../action.ts';
import { arnOf } from '../arn.ts';
import { usableKey } from '../encryption.ts';
import { filtered } from '../filters.ts';
import { newResourceId } from '../identifiers.ts';
import { instanceByArn } from '../instances/instance.ts';
import { page } from '../pages.ts';
import type { Call, Service } from '../service.ts';
import { newTags } from '../tags.ts';
import { automatedBackupOf, removeAutomatedBackup } from './end-automated-backup.ts';
import { restoreWindow } from './reach.ts';
import { backupArn, sourceArn } from './replicate.ts';

const describe = action('DescribeDBInstanceAutomatedBackups', {
  parameters: [
    'DBInstanceAutomatedBackupsArn',
    'DBInstanceIdentifier',
    'DbiResourceId',
    'Filters',
    'Marker',
    'MaxRecords',
  ],
  async perform(call, input) {
    const name = input.DBInstanceIdentifier?.toLowerCase();
    const found = call.service.state.automatedBackups
      .list(call)
      .filter(({ shown }) => name === undefined || shown.DBInstanceIdentifier === name)
      .filter(
        ({ name: id }) =>
          input.DbiResourceId === undefined || id.toLowerCase() === input.DbiResourceId.toLowerCase(),
      )
      .filter(
        (backup) =>
          input.DBInstanceAutomatedBackupsArn === undefined ||
          backupArn(backup) === input.DBInstanceAutomatedBackupsArn,
      );
    const asked = input.DBInstanceIdentifier ?? input.DbiResourceId ?? input.DBInstanceAutomatedBackupsArn;
    if (found.length === 0 && asked !== undefined) {
      throw new Fault('DBInstanceAutomatedBackupNotFoundFault', `There is no automated backup of ${asked}.`);
    }
    const wanted = filtered(found, input.Filters, {
      status: (backup) => [statusOf(backup)],
      'db-instance-id': (backup) => [backup.shown.DBInstanceIdentifier, sourceArn(backup)],
      'dbi-resource-id': ({ name: id }) => [id],
    });
    const { items, ...marker } = page(wanted, (backup) => backup.name, input);
    return {
      ...marker,
      DBInstanceAutomatedBackups: await Promise.all(items.map((backup) => shownBackup(call.service, backup))),
    };
  },
});

const startReplication = action('StartDBInstanceAutomatedBackupsReplication', {
  parameters: ['BackupRetentionPeriod', 'KmsKeyId', 'PreSignedUrl', 'SourceDBInstanceArn', 'Tags'],
  resources: (_, input) => [input.SourceDBInstanceArn ?? ''],
  async perform(call, input) {
    const { service } = call;
    const { state, quotas } = service;
    const KmsKeyId = await keyOfCopy(
      call,
      instanceByArn(service, input.SourceDBInstanceArn ?? ''),
      input.KmsKeyId,
    );
    const source = instanceByArn(service, input.SourceDBInstanceArn ?? '');
    const from = sourceBackup(call, source);
    const days = input.BackupRetentionPeriod ?? 7;
    if (days < 1 || days > 35)
      throw new Fault(
        'InvalidParameterValue',
        `Invalid backup retention period: ${days}. Must be between 1 and 35.`,
      );
    const copies = state.automatedBackups.list(call).filter(({ replicates }) => replicates !== undefined);
    if (copies.length >= quotas.automatedBackupReplications) {
      throw new Fault(
        'DBInstanceAutomatedBackupQuotaExceededFault',
        `Cannot replicate more than ${quotas.automatedBackupReplications} automated backups to ${call.region}.`,
      );
    }
    const { account, region } = call;
    // What an earlier replication retained is gone on with.
    const present = state.automatedBackups.get(call, from.name);
    const copy = state.automatedBackups.put({
      account,
      region,
      name: from.name,
      status: 'pending',
      cluster: from.cluster,
      archive: path.join(service.archiveCopies, `${region}-${from.name.toLowerCase()}`),
      copied: true,
      bases: present?.bases ?? [],
      sources: present?.sources ?? [],
      of: from.of,
      replicates: { account: source.account, region: source.region },
      shown: {
        ...from.shown,
        Region: region,
        DBInstanceAutomatedBackupsArn: arnOf(call, 'auto-backup', newResourceId('ab').toLowerCase()),
        BackupRetentionPeriod: days,
        Encrypted: KmsKeyId !== undefined,
        KmsKeyId,
        TagList: newTags(input.Tags, quotas),
      },
    });
    service.replication.soon(service);
    return { DBInstanceAutomatedBackup: await shownBackup(service, copy) };
  },
});

const stopReplication = action('StopDBInstanceAutomatedBackupsReplication', {
  parameters: ['SourceDBInstanceArn'],
  resources: (_, input) => [input.SourceDBInstanceArn ?? ''],
  async perform(call, input) {
    const { state } = call.service;
    const copy = state.automatedBackups
      .list(call)
      .find((backup) => backup.replicates !== undefined && sourceArn(backup) === input.SourceDBInstanceArn);
    if (!copy) {
      throw new Fault(
        'DBInstanceNotFoundFault',
        `No automated backups of ${input.SourceDBInstanceArn} are replicated to ${call.region}.`,
      );
    }
    const retained = state.automatedBackups.put({ ...copy, status: 'retained', replicates: undefined });
    return { DBInstanceAutomatedBackup: await shownBackup(call.service, retained) };
  },
});

const remove = action('DeleteDBInstanceAutomatedBackup', {
  parameters: ['DbiResourceId', 'DBInstanceAutomatedBackupsArn'],
  resources: (_, input) => [input.DBInstanceAutomatedBackupsArn ?? '*'],
  async perform(call, input) {
    const { service } = call;
    const backup = service.state.automatedBackups
      .list(call)
      .find(
        (one) => one.name === input.DbiResourceId || backupArn(one) === input.DBInstanceAutomatedBackupsArn,
      );
    if (!backup) {
      const asked = input.DBInstanceAutomatedBackupsArn ?? input.DbiResourceId;
      throw new Fault('DBInstanceAutomatedBackupNotFoundFault', `There is no automated backup ${asked}.`);
    }
    if (backup.status !== 'retained') {
      throw new Fault(
        'InvalidDBInstanceAutomatedBackupStateFault',
        `Only a retained automated backup can be deleted; this one is ${backup.status}.`,
      );
    }
    const shown = await shownBackup(service, backup);
    await removeAutomatedBackup(service, backup);
    return { DBInstanceAutomatedBackup: { ...shown, Status: 'deleting' } };
  },
});

function sourceBackup(call: Call, source: Instance): AutomatedBackup {
  if (source.region === call.region) {
    throw new Fault(
      'InvalidParameterValue',
      `The source DB instance is in ${call.region}. Call this action in the Region that the backups are to go to.`,
    );
  }
  const backup = automatedBackupOf(call.service, source);
  if (source.status !== 'available' || !backup || source.follows) {
    throw new Fault(
      'InvalidDBInstanceStateFault',
      `The source DB instance ${source.name} must be available and keep automated backups; it is ${source.status}.`,
    );
  }
  const present = call.service.state.automatedBackups.get(call, backup.name);
  if (!present?.replicates) return backup;
  throw new Fault(
    'InvalidDBInstanceAutomatedBackupStateFault',
    `The automated backups of ${source.name} are replicated to ${call.region} already.`,
  );
}

async function keyOfCopy(
  call: Call,
  source: Instance,
  wanted: string | undefined,
): Promise<string | undefined> {
  if (wanted !== undefined) return usableKey(call, wanted);
  if (!source.shown.StorageEncrypted) return undefined;
  throw new Fault(
    'InvalidParameterCombination',
    `The DB instance ${source.name} is encrypted: KmsKeyId must name a key of ${call.region}.`,
  );
}

async function shownBackup(service: Service, backup: AutomatedBackup): Promise<DBInstanceAutomatedBackup> {
  const window = await restoreWindow(service, backup);
  return {
    ...backup.shown,
    Status: statusOf(backup),
    ...(window && { RestoreWindow: window }),
  };
}

const statusOf = ({ status }: AutomatedBackup) => (status === 'pending' ? 'creating' : status);

export const automatedBackupActions: readonly Action[] = [
  describe,
  startReplication,
  stopReplication,
  remove,
];
