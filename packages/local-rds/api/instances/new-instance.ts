import type { DBInstance, RestoreDBInstanceToPointInTimeCommandInput as Settings } from '@aws-sdk/client-rds';
import { Fault } from '../../protocol/fault.ts';
import type { Instance, InstanceWork } from '../../state/things.ts';
import { arnOf } from '../arn.ts';
import { familyOf, majorOf } from '../catalog/engine.ts';
import { instanceClasses, storageTypes, zonesOf } from '../catalog/instance-classes.ts';
import { newIdentifier, newResourceId } from '../identifiers.ts';
import { parameterGroupNamed, valuesOf } from '../parameter-groups/parameter-group.ts';
import type { Call } from '../service.ts';
import { subnetGroupNamed } from '../subnet-groups/subnet-group.ts';
import { newTags } from '../tags.ts';

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

type GivenSettings = Partial<Pick<Settings, (typeof settings)[number]>> & {
  readonly PreferredMaintenanceWindow?: string | undefined;
  readonly MaxAllocatedStorage?: number | undefined;
  readonly MonitoringInterval?: number | undefined;
};

/** The name of an instance that is to be made. Throws DBInstanceAlreadyExistsFault, InstanceQuotaExceededFault, InvalidParameterValue. */
export function newInstanceName(call: Call, parameter: string, identifier: string | undefined): string {
  const { state, quotas } = call.service;
  const name = newIdentifier(parameter, identifier, 63);
  if (state.instances.get(call, name))
    throw new Fault('DBInstanceAlreadyExistsFault', 'DB instance already exists');
  if (state.instances.list(call).length >= quotas.instances) {
    throw new Fault(
      'InstanceQuotaExceededFault',
      `Your request would exceed your quota of ${quotas.instances} DB instances in ${call.region}.`,
    );
  }
  return name;
}

/**
 * Writes down a new instance, `creating`. What neither the request nor what it is made from says is as RDS has it by default: the
 * default groups, one zone, no deletion protection. Throws the faults of settings that RDS does not take.
 */
export function announceInstance(
  call: Call,
  name: string,
  given: GivenSettings,
  from: DBInstance,
  work: InstanceWork,
  follows?: { readonly source: string },
): Instance {
  const { service, account, region } = call;
  const subnetGroup = subnetGroupNamed(call, given.DBSubnetGroupName ?? 'default');
  const group = parameterGroupNamed(call, given.DBParameterGroupName ?? `default.${familyOf(service)}`);
  const resourceId = newResourceId('db');
  const MultiAZ = given.MultiAZ ?? false;
  const zone = zoneFor(call, given.AvailabilityZone, MultiAZ);
  const shown: DBInstance = {
    ...from,
    ...checkedSettings(given, from),
    DBInstanceIdentifier: name,
    DBInstanceArn: arnOf(call, 'db', name),
    DbiResourceId: resourceId,
    DBSubnetGroup: subnetGroup.shown,
    DBParameterGroups: [{ DBParameterGroupName: group.name, ParameterApplyStatus: 'in-sync' }],
    OptionGroupMemberships: [
      { OptionGroupName: optionGroup(call, given.OptionGroupName), Status: 'in-sync' },
    ],
    VpcSecurityGroups: (given.VpcSecurityGroupIds ?? ['sg-default']).map((VpcSecurityGroupId) => ({
      VpcSecurityGroupId,
      Status: 'active',
    })),
    DBSecurityGroups: [],
    MultiAZ,
    AvailabilityZone: zone,
    ...(MultiAZ && { SecondaryAvailabilityZone: zonesOf(region).find((one) => one !== zone) }),
    DeletionProtection: given.DeletionProtection ?? false,
    PubliclyAccessible: given.PubliclyAccessible ?? false,
    CopyTagsToSnapshot: given.CopyTagsToSnapshot ?? false,
    IAMDatabaseAuthenticationEnabled: given.EnableIAMDatabaseAuthentication ?? false,
    CACertificateIdentifier: given.CACertificateIdentifier ?? 'rds-ca-rsa2048-g1',
    NetworkType: given.NetworkType ?? 'IPV4',
    MonitoringInterval: given.MonitoringInterval ?? 0,
    PendingModifiedValues: {},
    TagList: newTags(given.Tags, service.quotas),
    BackupTarget: 'region',
    CustomerOwnedIpEnabled: false,
    PerformanceInsightsEnabled: false,
    DomainMemberships: [],
  };
  return service.state.instances.put({
    account,
    region,
    name,
    cluster: resourceId.toLowerCase(),
    status: 'creating',
    work,
    applied: valuesOf(group),
    follows,
    shown,
  });
}

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
  const Iops = given.Iops ?? from.Iops;
  if (given.Iops !== undefined && !limits.iops)
    throw new Fault(
      'InvalidParameterCombination',
      `Iops can't be specified for storage type ${StorageType}.`,
    );
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
    Iops,
    StorageThroughput: given.StorageThroughput ?? from.StorageThroughput,
    MaxAllocatedStorage: given.MaxAllocatedStorage ?? from.MaxAllocatedStorage,
    BackupRetentionPeriod,
    PreferredBackupWindow: checkedWindow(
      'backup',
      /^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$/,
      given.PreferredBackupWindow ?? from.PreferredBackupWindow ?? '03:00-03:30',
    ),
    PreferredMaintenanceWindow: checkedWindow(
      'maintenance',
      /^(mon|tue|wed|thu|fri|sat|sun):([01]\d|2[0-3]):[0-5]\d-(mon|tue|wed|thu|fri|sat|sun):([01]\d|2[0-3]):[0-5]\d$/i,
      given.PreferredMaintenanceWindow ?? from.PreferredMaintenanceWindow ?? 'sun:04:00-sun:04:30',
    ),
    AutoMinorVersionUpgrade: given.AutoMinorVersionUpgrade ?? from.AutoMinorVersionUpgrade ?? true,
  };
}

function checkedWindow(kind: string, pattern: RegExp, window: string): string {
  if (!pattern.test(window)) throw invalid(`Invalid ${kind} window format: ${window}`);
  return window.toLowerCase();
}

function zoneFor(call: Call, zone: string | undefined, multiAz: boolean): string {
  const zones = zonesOf(call.region);
  if (zone === undefined) return zones[0] as string;
  if (multiAz) {
    throw new Fault(
      'InvalidParameterCombination',
      'Requesting a specific availability zone is not valid for Multi-AZ instances.',
    );
  }
  if (!zones.includes(zone))
    throw invalid(`Invalid availability zone: ${zone}. Expected: ${zones.join(', ')}.`);
  return zone;
}

/** Option groups of PostgreSQL hold no options: there is the default one. Throws OptionGroupNotFoundFault. */
function optionGroup(call: Call, name: string | undefined): string {
  const byDefault = `default:postgres-${majorOf(call.service)}`;
  if (name === undefined || name === byDefault) return byDefault;
  throw new Fault('OptionGroupNotFoundFault', `Specified OptionGroupName: ${name} not found.`);
}

const invalid = (message: string) => new Fault('InvalidParameterValue', message);

/** ARNs of the groups that a request names for a new instance. */
export function groupArns(
  call: Call,
  { DBSubnetGroupName: subnets, DBParameterGroupName: parameters }: GivenSettings,
): string[] {
  return [
    ...(subnets ? [arnOf(call, 'subgrp', subnets.toLowerCase())] : []),
    ...(parameters ? [arnOf(call, 'pg', parameters.toLowerCase())] : []),
  ];
}
