import { leasedDatabases } from '../shared/plan/lookup.ts';
import type { Plan } from '../shared/plan/schema.ts';
import type { StackRole } from '../shared/plan/stack-role.ts';
import { machines } from '../state-machines/source/machines.ts';
import type { Lambda } from './capabilities.ts';
import { logicalId } from './named-resources.ts';

/**
 * What stands in the standby Region: all that `status`, a restore test, a restore and reading evidence need when the primary Region is lost.
 * Everything else stands in the primary Region alone. What a machine of this table calls stands there with it, so a name that is
 * added here needs no other change.
 */
const IN_STANDBY: Readonly<Record<'machines' | 'functions', readonly string[]>> = {
  machines: ['restore-test', 'restore'],
  functions: [
    'sweep-scratch',
    'sweep-instances',
    'measure-rpo',
    'check-secrets',
    'measure-replica',
    'watch-primary',
  ],
};

/** What stands in the standby Region and nowhere else. */
const ONLY_IN_STANDBY: readonly string[] = ['check-secrets', 'measure-replica', 'watch-primary'];

/** What has a purpose only where a standby Region exists. */
const ONLY_WITH_STANDBY: readonly string[] = ['measure-replication', 'renew-lease', 'change-fence'];

/** What has a purpose only where the plan fences a database by a lease. */
const ONLY_WITH_LEASE: readonly string[] = ['renew-lease', 'change-fence'];

/** What has a purpose only where the plan has a failover. */
const ONLY_WITH_FAILOVER: readonly string[] = ['watch-primary'];

/** Whether a stack of this role has the function. */
export function hasFunction(role: StackRole, name: string): boolean {
  if (role === 'standby') return IN_STANDBY.functions.includes(name) || CALLED.has(logicalId(name));
  if (ONLY_IN_STANDBY.includes(name)) return false;
  return role === 'primary' || !ONLY_WITH_STANDBY.includes(name);
}

/** Whether a stack of this role has the state machine of a kind of run. */
export function hasMachine(role: StackRole, kind: string): boolean {
  return role !== 'standby' || IN_STANDBY.machines.includes(kind);
}

/** The functions that a stack of this role has for a plan. */
export function functionsIn(
  role: StackRole,
  lambdas: readonly Lambda[],
  {
    failover,
    databases = {},
  }: {
    readonly [Key in keyof Pick<Plan, 'failover'>]: unknown;
  } & Partial<Pick<Plan, 'databases'>>,
): Lambda[] {
  const absent = [
    ...(failover === undefined ? ONLY_WITH_FAILOVER : []),
    ...(leasedDatabases({ databases }).length === 0 ? ONLY_WITH_LEASE : []),
  ];
  return lambdas.filter(({ name }) => hasFunction(role, name) && !absent.includes(name));
}

/** What the machines of the standby Region call, as their definitions name it: `LoadScratch`. */
const CALLED: ReadonlySet<string> = new Set(
  Object.entries(machines)
    .filter(([kind]) => IN_STANDBY.machines.includes(kind))
    .flatMap(([, machine]) => [...JSON.stringify(machine).matchAll(/"FunctionName":"\$\{(\w+)\}"/g)])
    .map(([, name = '']) => name),
);
