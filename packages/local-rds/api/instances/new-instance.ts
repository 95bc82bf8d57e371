import type { DBInstance } from '@aws-sdk/client-rds';
import { Fault } from '../../protocol/fault.ts';
import type { Instance, InstanceWork } from '../../state/things.ts';
import { arnOf } from '../arn.ts';
import { familyOf, majorOf } from '../catalog/engine.ts';
import { zonesOf } from '../catalog/instance-classes.ts';
import { newIdentifier, newResourceId } from '../identifiers.ts';
import { parameterGroupNamed, valuesOf } from '../parameter-groups/parameter-group.ts';
import type { Call } from '../service.ts';
import { subnetGroupNamed } from '../subnet-groups/subnet-group.ts';
import { newTags } from '../tags.ts';
import { certificateDetails, DEFAULT_CA } from './certificate-details.ts';
import { checkedSettings, type GivenSettings } from './checked-settings.ts';
import { requireUnclaimedPort } from './port.ts';

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
    CACertificateIdentifier: given.CACertificateIdentifier ?? DEFAULT_CA,
    CertificateDetails: certificateDetails(given.CACertificateIdentifier),
    NetworkType: given.NetworkType ?? 'IPV4',
    PendingModifiedValues: {},
    TagList: newTags(given.Tags, service.quotas),
    BackupTarget: 'region',
    CustomerOwnedIpEnabled: false,
    PerformanceInsightsEnabled: false,
    DomainMemberships: [],
    // Of an instance of its own always 0; the port is in the endpoint.
    DbInstancePort: 0,
    AssociatedRoles: [],
    ActivityStreamStatus: 'stopped',
    DedicatedLogVolume: false,
  };
  requireUnclaimedPort(service, given.Port);
  return service.state.instances.put({
    account,
    region,
    name,
    cluster: resourceId.toLowerCase(),
    status: 'creating',
    work,
    applied: valuesOf(group),
    ...(given.Port !== undefined && { port: given.Port }),
    follows,
    shown,
  });
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
