/**
 * What a stack is among the plan's Regions. One `serverless.yml` is deployed once for each role (docs/deploy.md).
 *
 * - `primary`: where the workload runs, with its vault and tables replicated to the standby Region.
 * - `standby`: what recovers the workload when the primary Region is lost. It needs nothing from there.
 * - `alone`: everything in one Region and nothing replicated, as for a test stage.
 */
export const STACK_ROLES = ['primary', 'standby', 'alone'] as const;

export type StackRole = (typeof STACK_ROLES)[number];

/** What every command of a deployment reads the role from. */
export const ROLE_VARIABLE = 'LIFEBOAT_ROLE';

/** The role of this name, or `primary` where none is given. @throws Error for any other name */
export function stackRoleOf(name: string | undefined): StackRole {
  if (name === undefined || name === '') return 'primary';
  const role = STACK_ROLES.find((each) => each === name);
  if (role === undefined)
    throw new Error(`${ROLE_VARIABLE} is "${name}"; expected one of: ${STACK_ROLES.join(', ')}`);
  return role;
}
