import { Fault } from '../../protocol/fault.ts';
import { type Action, action } from '../action.ts';
import { arnOf } from '../arn.ts';
import { page } from '../pages.ts';
import type { Call } from '../service.ts';
import { newTags } from '../tags.ts';
import { groupsOf, shownGroup, subnetGroupNamed } from './subnet-group.ts';

const named = (call: Call, { DBSubnetGroupName = '' }: { DBSubnetGroupName?: string | undefined }) => [
  arnOf(call, 'subgrp', DBSubnetGroupName.toLowerCase()),
];

const create = action('CreateDBSubnetGroup', {
  parameters: ['DBSubnetGroupName', 'DBSubnetGroupDescription', 'SubnetIds', 'Tags'],
  resources: named,
  perform(call, input) {
    const { state, quotas } = call.service;
    const name = newGroupName(input.DBSubnetGroupName);
    if (state.subnetGroups.get(call, name)) {
      throw new Fault('DBSubnetGroupAlreadyExistsFault', `The DB subnet group '${name}' already exists.`);
    }
    if (state.subnetGroups.list(call).length >= quotas.subnetGroups) {
      throw new Fault(
        'DBSubnetGroupQuotaExceededFault',
        `Cannot create more than ${quotas.subnetGroups} DB subnet groups.`,
      );
    }
    const { account, region } = call;
    const group = state.subnetGroups.put({
      account,
      region,
      name,
      tags: newTags(input.Tags, quotas),
      shown: shownGroup(call, name, input.DBSubnetGroupDescription ?? '', input.SubnetIds ?? []),
    });
    return { DBSubnetGroup: group.shown };
  },
});

const describe = action('DescribeDBSubnetGroups', {
  parameters: ['DBSubnetGroupName', 'MaxRecords', 'Marker', 'Filters'],
  resources: (call, input) => (input.DBSubnetGroupName ? named(call, input) : [arnOf(call, 'subgrp', '*')]),
  perform(call, input) {
    const groups = input.DBSubnetGroupName
      ? [subnetGroupNamed(call, input.DBSubnetGroupName)]
      : groupsOf(call.service, call);
    const { items, ...marker } = page(groups, ({ name }) => name, input);
    return { ...marker, DBSubnetGroups: items.map(({ shown }) => shown) };
  },
});

const modify = action('ModifyDBSubnetGroup', {
  parameters: ['DBSubnetGroupName', 'DBSubnetGroupDescription', 'SubnetIds'],
  resources: named,
  perform(call, input) {
    const group = subnetGroupNamed(call, input.DBSubnetGroupName);
    const description = input.DBSubnetGroupDescription ?? group.shown.DBSubnetGroupDescription ?? '';
    const shown = shownGroup(call, group.name, description, input.SubnetIds ?? []);
    return { DBSubnetGroup: call.service.state.subnetGroups.put({ ...group, shown }).shown };
  },
});

const remove = action('DeleteDBSubnetGroup', {
  parameters: ['DBSubnetGroupName'],
  resources: named,
  perform(call, input) {
    const group = subnetGroupNamed(call, input.DBSubnetGroupName);
    const { state } = call.service;
    const users = state.instances.list(call).filter(({ shown }) => {
      return shown.DBSubnetGroup?.DBSubnetGroupName === group.name;
    });
    if (group.name === 'default' || users.length > 0) {
      const usedBy = users.map(({ name }) => name).join(', ') || 'the Region';
      throw new Fault(
        'InvalidDBSubnetGroupStateFault',
        `Cannot delete the subnet group '${group.name}' because it is used by ${usedBy}.`,
      );
    }
    state.subnetGroups.delete(group);
    return {};
  },
});

function newGroupName(text: string | undefined): string {
  const name = (text ?? '').toLowerCase();
  if (/^[a-z][a-z0-9 ._-]{0,254}$/.test(name) && name !== 'default') return name;
  throw new Fault(
    'InvalidParameterValue',
    'The parameter DBSubnetGroupName must be provided, begin with a letter, contain only letters, numbers, periods, ' +
      'underscores, spaces or hyphens, no more than 255 of them, and must not be "default".',
  );
}

export const subnetGroupActions: readonly Action[] = [create, describe, modify, remove];
