import type { DBInstance, RestoreDBInstanceToPointInTimeCommandInput as Settings } from '@aws-sdk/client-rds';
import { Fault } from '../../protocol/fault.ts';
import { instanceClasses, storageTypes } from '../catalog/instance-classes.ts';
import { checkWindows } from '../schedule/window.ts';
import { checkCertificate } from './certificate-details.ts';

/** Settings that every action which makes an instance takes. */
export const settings = [
  'AllocatedStorage',
  'AutoMinorVersionUpgrade',
  'AvailabilityZone',
  'BackupRetentionPeriod',
  'CACertificateIdentifier',
  'CopyTagsToSnapshot',
  'DBInstanceClass',
  'DBParameterGroupName',
  'DBSubnetGroupName',
  'DeletionProtection',
  'EnableIAMDatabaseAuthentication',
  'Iops',
  'MultiAZ',
  'NetworkType',
  'OptionGroupName',
  'Port',
  'PreferredBackupWindow',
  'PubliclyAccessible',
  'StorageThroughput',
  'StorageType',
  'Tags',
  'VpcSecurityGroupIds',
] as const;

export type GivenSettings = Partial<Pick<Settings, (typeof settings)[number]>> & {
  readonly PreferredMaintenanceWindow?: string | undefined;
  readonly MaxAllocatedStorage?: number | undefined;
  readonly MonitoringInterval?: number | undefined;
  readonly MonitoringRoleArn?: string | undefined;
};

/** Settings with ranges, checked. They may come from what the instance is made from. Throws InvalidParameterValue. */
export function checkedSettings(given: GivenSettings, from: DBInstance): Partial<DBInstance> {
  const DBInstanceClass = given.DBInstanceClass ?? from.DBInstanceClass;
  if (!instanceClasses.includes(DBInstanceClass ?? ''))
    throw invalid(`Invalid DB Instance class: ${DBInstanceClass}`);
  const StorageType = given.StorageType ?? from.StorageType ?? 'gp3';
  const limits = storageTypes[StorageType];
  if (!limits) throw invalid(`Invalid storage type: ${StorageType}`);
  const AllocatedStorage = given.AllocatedStorage ?? from.AllocatedStorage ?? 0;
  if (AllocatedStorage < limits.min || AllocatedStorage > limits.max) {
    throw invalid(
      `Invalid storage size for engine name postgres and storage type ${StorageType}: ${AllocatedStorage}. ` +
        `Expected: ${limits.min} to ${limits.max} GiB.`,
    );
  }
  if (from.AllocatedStorage !== undefined && AllocatedStorage < from.AllocatedStorage)
    throw invalid(
      `Requested size ${AllocatedStorage} is less than the ${from.AllocatedStorage} GiB that are there.`,
    );
  const MaxAllocatedStorage = given.MaxAllocatedStorage ?? from.MaxAllocatedStorage;
  if (given.MaxAllocatedStorage !== undefined && given.MaxAllocatedStorage < AllocatedStorage)
    throw new Fault(
      'InvalidParameterCombination',
      `Invalid max storage size: ${given.MaxAllocatedStorage}. Expected: more than the allocated storage, ${AllocatedStorage} GiB.`,
    );
  if (given.NetworkType !== undefined && given.NetworkType !== 'IPV4' && given.NetworkType !== 'DUAL')
    throw invalid(`Invalid network type: ${given.NetworkType}. Expected: IPV4 or DUAL.`);
  checkCertificate(given.CACertificateIdentifier);
  const Port = given.Port ?? 0;
  if (Port !== 0 && (Port < 1150 || Port > 65_535))
    throw invalid(`Invalid port number ${Port}. Expected: 1150 to 65535.`);
  const BackupRetentionPeriod = given.BackupRetentionPeriod ?? from.BackupRetentionPeriod ?? 1;
  if (BackupRetentionPeriod < 0 || BackupRetentionPeriod > 35) {
    throw invalid(`Invalid backup retention period: ${BackupRetentionPeriod}. Must be between 0 and 35.`);
  }
  return {
    DBInstanceClass,
    StorageType,
    AllocatedStorage,
    ...provisioned(given, from, StorageType, AllocatedStorage),
    // Equal to what is allocated, it switches the growing off.
    MaxAllocatedStorage: MaxAllocatedStorage === AllocatedStorage ? undefined : MaxAllocatedStorage,
    ...monitoring(given, from),
    BackupRetentionPeriod,
    ...checkWindows({
      backup: given.PreferredBackupWindow ?? from.PreferredBackupWindow,
      maintenance: given.PreferredMaintenanceWindow ?? from.PreferredMaintenanceWindow,
    }),
    AutoMinorVersionUpgrade: given.AutoMinorVersionUpgrade ?? from.AutoMinorVersionUpgrade ?? true,
  };
}

/** From 400 GiB on gp3 has more of both, and they may be chosen. */
const LARGE_GP3 = 400;

/** Whether Iops can be chosen for storage of that type and size. */
export const takesIops = (type: string | undefined, gib: number): boolean =>
  type === 'io1' || type === 'io2' || (type === 'gp3' && gib >= LARGE_GP3);

/** https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Storage.html */
function provisioned(
  given: GivenSettings,
  from: DBInstance,
  StorageType: string,
  gib: number,
): Pick<DBInstance, 'Iops' | 'StorageThroughput'> {
  const refuse = (message: string) => new Fault('InvalidParameterCombination', message);
  const same = StorageType === from.StorageType;
  const Iops = given.Iops ?? (same ? from.Iops : undefined);
  if (StorageType === 'io1' || StorageType === 'io2') {
    if (Iops === undefined) throw refuse(`You must specify Iops for storage type ${StorageType}.`);
    return { Iops, StorageThroughput: undefined };
  }
  if (StorageType !== 'gp3') {
    if (given.Iops !== undefined) throw refuse(`Iops can't be specified for storage type ${StorageType}.`);
    return { Iops: undefined, StorageThroughput: undefined };
  }
  if (gib < LARGE_GP3) {
    const chosen = [given.Iops, given.StorageThroughput].some((one) => one !== undefined);
    if (chosen)
      throw refuse(
        `You can't specify Iops or StorageThroughput for engine postgres and a storage size less than ${LARGE_GP3}.`,
      );
    return { Iops: 3_000, StorageThroughput: 125 };
  }
  const grown = same && (from.AllocatedStorage ?? 0) >= LARGE_GP3;
  return {
    Iops: given.Iops ?? (grown ? from.Iops : undefined) ?? 12_000,
    StorageThroughput: given.StorageThroughput ?? (grown ? from.StorageThroughput : undefined) ?? 500,
  };
}

const MONITORING_SECONDS = [0, 1, 5, 10, 15, 30, 60];

function monitoring(
  given: GivenSettings,
  from: DBInstance,
): Pick<DBInstance, 'MonitoringInterval' | 'MonitoringRoleArn'> {
  const MonitoringInterval = given.MonitoringInterval ?? from.MonitoringInterval ?? 0;
  const MonitoringRoleArn = given.MonitoringRoleArn ?? from.MonitoringRoleArn;
  if (!MONITORING_SECONDS.includes(MonitoringInterval))
    throw invalid(
      `Invalid monitoring interval: ${MonitoringInterval}. Expected: ${MONITORING_SECONDS.join(', ')}.`,
    );
  if (MonitoringInterval > 0 && MonitoringRoleArn === undefined)
    throw new Fault(
      'InvalidParameterCombination',
      'A MonitoringRoleARN value is required if you specify a MonitoringInterval value other than 0.',
    );
  return { MonitoringInterval, MonitoringRoleArn };
}

const invalid = (message: string) => new Fault('InvalidParameterValue', message);
