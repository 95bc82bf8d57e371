import type { DBSubnetGroup, Subnet } from '@aws-sdk/client-rds';
import { Fault } from '../../protocol/fault.ts';
import type { Scope } from '../../state/collection.ts';
import type { SubnetGroup } from '../../state/things.ts';
import { arnOf } from '../arn.ts';
import { zonesOf } from '../catalog/instance-classes.ts';
import type { Call, Service } from '../service.ts';

/** The group that a request names. Throws DBSubnetGroupNotFoundFault. */
export function subnetGroupNamed(call: Call, name: string | undefined): SubnetGroup {
  const group = groupsOf(call.service, call).find((one) => one.name === (name ?? '').toLowerCase());
  if (group) return group;
  throw new Fault('DBSubnetGroupNotFoundFault', `DB subnet group '${name}' does not exist.`);
}

/** All groups of a Region: `default`, which is there without having been made, among them. */
export function groupsOf(service: Service, scope: Scope): SubnetGroup[] {
  const { account, region } = scope;
  const present = service.state.subnetGroups.list(scope);
  if (present.some(({ name }) => name === 'default')) return present;
  const subnets = zonesOf(region).map((_, index) => `subnet-default${index}`);
  const shown = shownGroup(scope, 'default', 'The default subnet group', subnets);
  return [...present, { account, region, name: 'default', tags: [], shown }].sort((one, other) =>
    one.name < other.name ? -1 : 1,
  );
}

/**
 * A group over these subnets. There is no network here: subnets are names, and lie in the zones of the Region in turn. Throws
 * InvalidSubnet and DBSubnetGroupDoesNotCoverEnoughAZs.
 */
export function shownGroup(
  scope: Scope,
  name: string,
  description: string,
  subnetIds: readonly string[],
): DBSubnetGroup {
  const wrong = subnetIds.filter((id) => !/^subnet-[0-9a-z]+$/.test(id));
  if (wrong.length > 0)
    throw new Fault('InvalidSubnet', `Some input subnets in :${wrong.join(', ')} are invalid.`);
  if (new Set(subnetIds).size < 2) {
    throw new Fault(
      'DBSubnetGroupDoesNotCoverEnoughAZs',
      "The DB subnet group doesn't meet Availability Zone (AZ) coverage requirement. Add subnets to cover at least 2 AZs.",
    );
  }
  const zones = zonesOf(scope.region);
  const subnets = [...new Set(subnetIds)].map(
    (SubnetIdentifier, index): Subnet => ({
      SubnetIdentifier,
      SubnetAvailabilityZone: { Name: zones[index % zones.length] },
      SubnetOutpost: {},
      SubnetStatus: 'Active',
    }),
  );
  return {
    DBSubnetGroupName: name,
    DBSubnetGroupArn: arnOf(scope, 'subgrp', name),
    DBSubnetGroupDescription: description,
    SubnetGroupStatus: 'Complete',
    VpcId: 'vpc-default',
    Subnets: subnets,
    SupportedNetworkTypes: ['IPV4'],
  };
}

/** The group of an instance as it is now; undefined when it was removed. */
export function shownSubnetGroup(
  service: Service,
  scope: Scope,
  name: string | undefined,
): DBSubnetGroup | undefined {
  return groupsOf(service, scope).find((group) => group.name === name)?.shown;
}
