import type { Parameter as ShownParameter } from '@aws-sdk/client-rds';
import type { Parameter } from '../../engine/engine.ts';
import { Fault } from '../../protocol/fault.ts';
import type { Scope } from '../../state/collection.ts';
import type { ParameterGroup } from '../../state/things.ts';
import { arnOf } from '../arn.ts';
import { familyOf } from '../catalog/engine.ts';
import type { Call, Service } from '../service.ts';

/** The group that is there without having been made and that cannot be changed. */
export const defaultGroupName = (service: Service) => `default.${familyOf(service)}`;

/** The group that a request names. Throws DBParameterGroupNotFoundFault. */
export function parameterGroupNamed(call: Call, name: string | undefined): ParameterGroup {
  const group = parameterGroupsOf(call.service, call).find((one) => one.name === (name ?? '').toLowerCase());
  if (group) return group;
  throw new Fault('DBParameterGroupNotFoundFault', `DBParameterGroup not found: ${name}`);
}

/** All groups of a Region, the default one among them. */
export function parameterGroupsOf(service: Service, scope: Scope): ParameterGroup[] {
  const { account, region } = scope;
  const name = defaultGroupName(service);
  const family = familyOf(service);
  const byDefault: ParameterGroup = {
    account,
    region,
    name,
    tags: [],
    values: {},
    shown: {
      DBParameterGroupName: name,
      DBParameterGroupArn: arnOf(scope, 'pg', name),
      DBParameterGroupFamily: family,
      Description: `Default parameter group for ${family}`,
    },
  };
  return [...service.state.parameterGroups.list(scope), byDefault].sort((one, other) =>
    one.name < other.name ? -1 : 1,
  );
}

/** What the group sets, as PostgreSQL takes it. */
export const valuesOf = ({ values }: ParameterGroup): Record<string, string> =>
  Object.fromEntries(Object.entries(values).map(([name, { value }]) => [name, value]));

/** Static parameters wait for a restart of the server, dynamic ones do not. */
export const applyType = ({ context }: Parameter) => (context === 'postmaster' ? 'static' : 'dynamic');

export const isModifiable = ({ reserved, context }: Parameter) => !reserved && context !== 'internal';

/** A parameter as the API describes it. */
export function describeParameter(parameter: Parameter, group: ParameterGroup): ShownParameter {
  const set = group.values[parameter.name];
  const allowed =
    parameter.values?.join(',') ??
    (parameter.min === null || parameter.max === null ? undefined : `${parameter.min}-${parameter.max}`);
  return {
    ParameterName: parameter.name,
    ParameterValue: set?.value ?? parameter.default ?? undefined,
    Description: parameter.description,
    Source: set ? 'user' : 'engine-default',
    ApplyType: applyType(parameter),
    DataType: { bool: 'boolean', enum: 'string', integer: 'integer', real: 'float', string: 'string' }[
      parameter.type
    ],
    AllowedValues: allowed,
    IsModifiable: isModifiable(parameter),
    ApplyMethod: set?.method ?? 'pending-reboot',
  };
}

/** Throws InvalidParameterValue for a value that PostgreSQL would refuse for this parameter. */
export function checkValue(parameter: Parameter, value: string): void {
  const allowed = parameter.values ?? [];
  const number = Number(value);
  const numeric = parameter.type === 'integer' || parameter.type === 'real';
  const fits =
    parameter.type === 'bool'
      ? /^(on|off|true|false|yes|no|0|1)$/i.test(value)
      : parameter.type === 'enum'
        ? allowed.includes(value.toLowerCase())
        : !numeric ||
          (value.trim() !== '' &&
            Number.isFinite(number) &&
            (parameter.type === 'real' || Number.isInteger(number)) &&
            number >= Number(parameter.min) &&
            number <= Number(parameter.max));
  if (fits) return;
  const range = numeric ? `${parameter.min}-${parameter.max}` : allowed.join(',') || 'on,off';
  throw new Fault(
    'InvalidParameterValue',
    `Invalid parameter value: ${value} for: ${parameter.name} allowed values: ${range}`,
  );
}
