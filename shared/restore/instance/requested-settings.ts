import type { RestoreDBInstanceFromDBSnapshotCommandInput } from '@aws-sdk/client-rds';
import type { InstanceSettings } from '../../backup/rds-snapshot/instance-settings.ts';
import type { NewInstance } from './instances.ts';

/**
 * The settings of a request that makes an instance, without its name: what the plan says, else what the source had. Without them RDS takes the
 * default groups. The same for each kind of origin.
 */
export function requestedSettings(into: Omit<NewInstance, 'name'>, source: Partial<InstanceSettings> | null) {
  return {
    DBInstanceClass: into.class ?? source?.class,
    DBSubnetGroupName: into.subnetGroup ?? source?.subnetGroup,
    VpcSecurityGroupIds: [...into.securityGroups],
    DBParameterGroupName: into.parameterGroup ?? source?.parameterGroup,
    OptionGroupName: into.optionGroup ?? source?.optionGroup,
    StorageType: source?.storageType,
    DeletionProtection: into.deletionProtection,
    BackupRetentionPeriod: into.backupDays,
    PubliclyAccessible: false,
    MultiAZ: into.multiAz,
    AutoMinorVersionUpgrade: into.minorUpgrades,
    CopyTagsToSnapshot: into.copiesTags,
    // Without these two RDS takes its own defaults, and logins of the source do not work any more.
    EnableIAMDatabaseAuthentication: source?.iamLogins,
    CACertificateIdentifier: source?.authority,
    Tags: Object.entries(into.tags).map(([Key, Value]) => ({ Key, Value })),
  } satisfies Omit<RestoreDBInstanceFromDBSnapshotCommandInput, 'DBInstanceIdentifier'>;
}
