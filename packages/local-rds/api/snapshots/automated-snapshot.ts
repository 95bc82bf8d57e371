import type { AutomatedBackup, Instance } from '../../state/things.ts';
import { arnOf } from '../arn.ts';
import { instanceEvent } from '../events.ts';
import { newResourceId } from '../identifiers.ts';
import { clusterOf } from '../instances/instance.ts';
import type { Service } from '../service.ts';
import { announceSnapshot, changeSnapshot, keptOf } from './snapshot.ts';
import { takeSnapshot } from './take-snapshot.ts';

/** The automated backup of an instance, begun now if there is none. Its WAL is archived by the cluster itself. */
export async function beginAutomatedBackups(service: Service, instance: Instance): Promise<AutomatedBackup> {
  const { account, region, shown } = instance;
  const name = shown.DbiResourceId ?? '';
  const present = service.state.automatedBackups.get(instance, name);
  if (present) return present;
  const cluster = await clusterOf(service, instance);
  instanceEvent(service, instance, 'configuration change', 'Automated backups enabled');
  return service.state.automatedBackups.put({
    account,
    region,
    name,
    status: 'pending',
    cluster: instance.cluster,
    archive: cluster.archive.folder,
    bases: [],
    of: keptOf(instance),
    shown: {
      DBInstanceArn: arnOf(instance, 'db', instance.name),
      DBInstanceAutomatedBackupsArn: arnOf(instance, 'auto-backup', newResourceId('ab').toLowerCase()),
      DbiResourceId: name,
      DBInstanceIdentifier: instance.name,
      Region: region,
      Engine: shown.Engine,
      EngineVersion: shown.EngineVersion,
      LicenseModel: shown.LicenseModel,
      MasterUsername: shown.MasterUsername,
      AllocatedStorage: shown.AllocatedStorage,
      AvailabilityZone: shown.AvailabilityZone,
      StorageType: shown.StorageType,
      Port: shown.Endpoint?.Port,
      Encrypted: shown.StorageEncrypted,
      KmsKeyId: shown.KmsKeyId,
      BackupRetentionPeriod: shown.BackupRetentionPeriod,
      IAMDatabaseAuthenticationEnabled: shown.IAMDatabaseAuthenticationEnabled,
      InstanceCreateTime: shown.InstanceCreateTime,
      BackupTarget: 'region',
    },
  });
}

/** Takes the daily backup and lets go of those beyond the retention period. */
export async function takeAutomatedSnapshot(
  service: Service,
  instance: Instance,
  signal: AbortSignal,
): Promise<void> {
  instanceEvent(service, instance, 'backup', 'Backing up DB instance');
  const announced = announceSnapshot(service, instance, automatedName(service, instance), 'automated');
  const taken = await takeSnapshot(service, instance, announced, signal);
  const backup = service.state.automatedBackups.get(instance, instance.shown.DbiResourceId ?? '');
  if (backup) {
    const bases = [...backup.bases, taken.folder];
    service.state.automatedBackups.put({ ...backup, status: 'active', bases });
  }
  instanceEvent(service, instance, 'backup', 'Finished DB instance backup');
  await removeExpired(service, instance);
}

/** `rds:mydb-2026-03-01-12-34`, with more digits where a minute has more than one. */
function automatedName(service: Service, instance: Instance): string {
  const [date, time] = service.clock().toISOString().split('T') as [string, string];
  const [hour, minute, second = ''] = time.split(':');
  const name = `rds:${instance.name}-${date}-${hour}-${minute}`;
  const taken = (candidate: string) => service.state.snapshots.get(instance, candidate) !== undefined;
  if (!taken(name)) return name;
  const [seconds, milliseconds] = second.replace('Z', '').split('.');
  return `${name}-${seconds}-${milliseconds}`;
}

const dayMs = 86_400_000;

/** The newest backup from before the retention period stays: the period's first moments are restored from it. */
async function removeExpired(service: Service, instance: Instance): Promise<void> {
  const { snapshots, automatedBackups } = service.state;
  const oldest = service.clock().getTime() - (instance.shown.BackupRetentionPeriod ?? 0) * dayMs;
  const time = (snapshot: { shown: { SnapshotCreateTime?: Date | undefined } }) =>
    snapshot.shown.SnapshotCreateTime?.getTime() ?? 0;
  const expired = snapshots
    .list(instance)
    .filter(({ shown, status }) => shown.SnapshotType === 'automated' && status === 'available')
    .filter(({ shown }) => shown.DbiResourceId === instance.shown.DbiResourceId)
    .filter((snapshot) => time(snapshot) < oldest)
    .sort((one, other) => time(other) - time(one))
    .slice(1);
  for (const snapshot of expired) {
    changeSnapshot(service, snapshot, { status: 'deleting' });
    const backup = automatedBackups.get(instance, instance.shown.DbiResourceId ?? '');
    const bases = backup?.bases.filter((folder) => folder !== snapshot.folder);
    if (backup && bases) automatedBackups.put({ ...backup, bases });
    await service.backups.delete(snapshot.folder);
    snapshots.delete(snapshot);
  }
}
