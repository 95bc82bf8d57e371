import type { Cluster } from '../../engine/engine.ts';
import type { Instance, ParameterGroup } from '../../state/things.ts';
import { change, clusterOf } from '../instances/instance.ts';
import type { Service } from '../service.ts';
import { parameterGroupsOf, valuesOf } from './parameter-group.ts';

const equal = (one: Readonly<Record<string, string>>, other: Readonly<Record<string, string>>) =>
  JSON.stringify(Object.entries(one).sort()) === JSON.stringify(Object.entries(other).sort());

/** The group that an instance has, or its Region's default. */
export function groupOf(service: Service, instance: Instance): ParameterGroup {
  const name = instance.shown.DBParameterGroups?.[0]?.DBParameterGroupName;
  const groups = parameterGroupsOf(service, instance);
  const found = groups.find((group) => group.name === name);
  if (!found) throw new Error(`The parameter group ${name} of ${instance.name} is gone.`);
  return found;
}

/**
 * Gives a running instance those changed parameters of its group that take effect at once. Whatever of the group is not in
 * effect then shows as `pending-reboot`.
 */
export async function applyAtOnce(
  service: Service,
  instance: Instance,
  changed: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  const merged: Record<string, string | undefined> = { ...instance.applied, ...changed };
  const applied = Object.fromEntries(
    Object.entries(merged).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  if (!equal(applied, instance.applied)) {
    const cluster = await clusterOf(service, instance);
    if (cluster.running()) await cluster.setParameters(applied);
  }
  showApplied(service, instance, applied);
}

/** Gives a stopped cluster everything that its instance's group says, so that its next start has it. */
export async function applyBeforeStart(
  service: Service,
  instance: Instance,
  cluster: Cluster,
): Promise<void> {
  const wanted = valuesOf(groupOf(service, instance));
  if (!equal(wanted, instance.applied)) await cluster.setParameters(wanted);
  showApplied(service, instance, wanted);
}

function showApplied(service: Service, instance: Instance, applied: Readonly<Record<string, string>>): void {
  const group = groupOf(service, instance);
  const ParameterApplyStatus = equal(applied, valuesOf(group)) ? 'in-sync' : 'pending-reboot';
  change(service, instance, {
    applied,
    shown: { DBParameterGroups: [{ DBParameterGroupName: group.name, ParameterApplyStatus }] },
  });
}
