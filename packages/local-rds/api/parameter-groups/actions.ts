import type { Parameter as GivenParameter } from '@aws-sdk/client-rds';
import { Fault } from '../../protocol/fault.ts';
import type { ApplyMethod, ParameterGroup } from '../../state/things.ts';
import { type Action, action } from '../action.ts';
import { arnOf, parseArn } from '../arn.ts';
import { familyOf } from '../catalog/engine.ts';
import { parameterGroupEvent } from '../events.ts';
import { newIdentifier } from '../identifiers.ts';
import { page } from '../pages.ts';
import type { Call } from '../service.ts';
import { newTags } from '../tags.ts';
import { applyAtOnce } from './apply-parameters.ts';
import {
  applyType,
  checkValue,
  defaultGroupName,
  describeParameter,
  isModifiable,
  parameterGroupNamed,
  parameterGroupsOf,
} from './parameter-group.ts';

const named = (call: Call, { DBParameterGroupName = '' }: { DBParameterGroupName?: string | undefined }) => [
  arnOf(call, 'pg', DBParameterGroupName.toLowerCase()),
];

const create = action('CreateDBParameterGroup', {
  parameters: ['DBParameterGroupName', 'DBParameterGroupFamily', 'Description', 'Tags'],
  resources: named,
  perform(call, input) {
    const family = familyOf(call.service);
    if (input.DBParameterGroupFamily !== family)
      throw invalid(
        `ParameterGroupFamily ${input.DBParameterGroupFamily} is not a valid parameter group family. Valid: ${family}`,
      );
    const made = newGroup(call, {
      parameter: 'DBParameterGroupName',
      name: input.DBParameterGroupName,
      description: input.Description,
      tags: input.Tags,
    });
    return { DBParameterGroup: call.service.state.parameterGroups.put(made).shown };
  },
});

/** A group that is not written down yet. Throws the faults of its name, its description and the quota. */
function newGroup(
  call: Call,
  given: {
    parameter: string;
    name: string | undefined;
    description: string | undefined;
    tags: Parameters<typeof newTags>[0];
  },
): ParameterGroup {
  const { state, quotas } = call.service;
  const name = newIdentifier(given.parameter, given.name, 255);
  if (!given.description?.trim())
    throw invalid('The parameter Description must be provided and must not be blank.');
  const present = state.parameterGroups.list(call);
  if (present.some((group) => group.name === name))
    throw new Fault('DBParameterGroupAlreadyExistsFault', `Parameter group ${name} already exists`);
  if (present.length >= quotas.parameterGroups) {
    throw new Fault(
      'DBParameterGroupQuotaExceededFault',
      `Cannot create more than ${quotas.parameterGroups} DB parameter groups.`,
    );
  }
  const { account, region } = call;
  return {
    account,
    region,
    name,
    tags: newTags(given.tags, quotas),
    values: {},
    shown: {
      DBParameterGroupName: name,
      DBParameterGroupArn: arnOf(call, 'pg', name),
      DBParameterGroupFamily: familyOf(call.service),
      Description: given.description,
    },
  };
}

const copy = action('CopyDBParameterGroup', {
  parameters: [
    'SourceDBParameterGroupIdentifier',
    'TargetDBParameterGroupIdentifier',
    'TargetDBParameterGroupDescription',
    'Tags',
  ],
  resources: (call, input) =>
    [input.SourceDBParameterGroupIdentifier, input.TargetDBParameterGroupIdentifier].map((name = '') =>
      name.startsWith('arn:') ? name : arnOf(call, 'pg', name.toLowerCase()),
    ),
  perform(call, input) {
    const { state } = call.service;
    const source = input.SourceDBParameterGroupIdentifier ?? '';
    const arn = parseArn(source);
    if (arn && (arn.kind !== 'pg' || arn.account !== call.account || arn.region !== call.region))
      throw new Fault('DBParameterGroupNotFoundFault', `DBParameterGroup not found: ${source}`);
    const { values, shown } = parameterGroupNamed(call, arn?.name ?? source);
    if (shown.DBParameterGroupName === defaultGroupName(call.service))
      throw invalid(`The default parameter group ${source} can't be copied: create a new one instead.`);
    const made = newGroup(call, {
      parameter: 'TargetDBParameterGroupIdentifier',
      name: input.TargetDBParameterGroupIdentifier,
      description: input.TargetDBParameterGroupDescription,
      tags: input.Tags,
    });
    return { DBParameterGroup: state.parameterGroups.put({ ...made, values }).shown };
  },
});

const describe = action('DescribeDBParameterGroups', {
  parameters: ['DBParameterGroupName', 'MaxRecords', 'Marker', 'Filters'],
  resources: (call, input) => (input.DBParameterGroupName ? named(call, input) : [arnOf(call, 'pg', '*')]),
  perform(call, input) {
    const groups = input.DBParameterGroupName
      ? [parameterGroupNamed(call, input.DBParameterGroupName)]
      : parameterGroupsOf(call.service, call);
    const { items, ...marker } = page(groups, ({ name }) => name, input);
    return { ...marker, DBParameterGroups: items.map(({ shown }) => shown) };
  },
});

const describeParameters = action('DescribeDBParameters', {
  parameters: ['DBParameterGroupName', 'Source', 'MaxRecords', 'Marker', 'Filters'],
  resources: named,
  async perform(call, input) {
    const group = parameterGroupNamed(call, input.DBParameterGroupName);
    const all = (await call.service.engine.parameters())
      .map((parameter) => describeParameter(parameter, group))
      .filter(({ Source }) => input.Source === undefined || Source === input.Source)
      .sort((one, other) => ((one.ParameterName ?? '') < (other.ParameterName ?? '') ? -1 : 1));
    const { items, ...marker } = page(all, ({ ParameterName = '' }) => ParameterName, input);
    return { ...marker, Parameters: items };
  },
});

const modify = action('ModifyDBParameterGroup', {
  parameters: ['DBParameterGroupName', 'Parameters'],
  resources: named,
  async perform(call, input) {
    const group = changeable(call, input.DBParameterGroupName);
    const given = input.Parameters ?? [];
    if (given.length < 1 || given.length > 20)
      throw invalid('A request must change at least 1 and at most 20 parameters.');
    const changes = await checked(call, given);
    await store(call, group, { ...group.values, ...changes }, changes);
    for (const [name, { value, method }] of Object.entries(changes)) {
      parameterGroupEvent(
        call.service,
        group,
        `Updated parameter ${name} to ${value} with apply method ${method}`,
      );
    }
    return { DBParameterGroupName: group.name };
  },
});

const reset = action('ResetDBParameterGroup', {
  parameters: ['DBParameterGroupName', 'ResetAllParameters', 'Parameters'],
  resources: named,
  async perform(call, input) {
    const group = changeable(call, input.DBParameterGroupName);
    const given = input.Parameters ?? [];
    const all = input.ResetAllParameters ?? given.length === 0;
    if (all === given.length > 0) {
      throw new Fault(
        'InvalidParameterCombination',
        'Either ResetAllParameters or a list of Parameters must be given, and not both.',
      );
    }
    const gone = all ? Object.keys(group.values) : given.map(({ ParameterName = '' }) => ParameterName);
    const known = await call.service.engine.parameters();
    const values = Object.fromEntries(Object.entries(group.values).filter(([name]) => !gone.includes(name)));
    const atOnce = gone.filter((name) => {
      const parameter = known.find((one) => one.name === name) ?? unknownParameter(name);
      const method = given.find(({ ParameterName }) => ParameterName === name)?.ApplyMethod ?? 'immediate';
      return applyType(parameter) === 'dynamic' && method === 'immediate';
    });
    await store(call, group, values, Object.fromEntries(atOnce.map((name) => [name, undefined])));
    return { DBParameterGroupName: group.name };
  },
});

const remove = action('DeleteDBParameterGroup', {
  parameters: ['DBParameterGroupName'],
  resources: named,
  perform(call, input) {
    const group = changeable(call, input.DBParameterGroupName);
    if (usersOf(call, group).length > 0) {
      throw new Fault(
        'InvalidDBParameterGroupStateFault',
        `One or more database instances are still members of this parameter group ${group.name}, so the group cannot be deleted`,
      );
    }
    call.service.state.parameterGroups.delete(group);
    return {};
  },
});

function changeable(call: Call, name: string | undefined): ParameterGroup {
  const group = parameterGroupNamed(call, name);
  if (group.name !== defaultGroupName(call.service)) return group;
  throw invalid("You can't modify a default parameter group. Create a new parameter group, and modify that.");
}

async function checked(
  call: Call,
  given: readonly GivenParameter[],
): Promise<Record<string, { value: string; method: ApplyMethod }>> {
  const known = await call.service.engine.parameters();
  const changes = given.map(({ ParameterName = '', ParameterValue, ApplyMethod = 'pending-reboot' }) => {
    const parameter = known.find(({ name }) => name === ParameterName) ?? unknownParameter(ParameterName);
    if (!isModifiable(parameter)) throw invalid(`The parameter ${ParameterName} is not modifiable.`);
    if (ParameterValue === undefined) throw invalid(`The parameter ${ParameterName} needs a value.`);
    checkValue(parameter, ParameterValue);
    if (ApplyMethod === 'immediate' && applyType(parameter) === 'static') {
      throw new Fault(
        'InvalidParameterCombination',
        `cannot use immediate apply method for static parameter: ${ParameterName}`,
      );
    }
    return [ParameterName, { value: ParameterValue, method: ApplyMethod }] as const;
  });
  return Object.fromEntries(changes);
}

/** Stores the group's new values and gives its running instances those that take effect at once. */
async function store(
  call: Call,
  group: ParameterGroup,
  values: ParameterGroup['values'],
  changes: Readonly<Record<string, { value: string; method: ApplyMethod } | undefined>>,
): Promise<void> {
  call.service.state.parameterGroups.put({ ...group, values });
  const atOnce = Object.entries(changes)
    .filter(([, changed]) => changed === undefined || changed.method === 'immediate')
    .map(([name, changed]) => [name, changed?.value] as const);
  await Promise.all(
    usersOf(call, group).map((instance) =>
      applyAtOnce(call.service, instance, instance.status === 'stopped' ? {} : Object.fromEntries(atOnce)),
    ),
  );
}

const usersOf = (call: Call, group: ParameterGroup) =>
  call.service.state.instances
    .list(call)
    .filter(({ shown }) => shown.DBParameterGroups?.[0]?.DBParameterGroupName === group.name);

function unknownParameter(name: string): never {
  throw invalid(`Could not find parameter with name: ${name}`);
}

const invalid = (message: string) => new Fault('InvalidParameterValue', message);

export const parameterGroupActions: readonly Action[] = [
  create,
  describe,
  describeParameters,
  modify,
  reset,
  remove,
  copy,
];
