import { readLambdas } from '../../../resources/capabilities.ts';
import type { Statement } from '../../../resources/iam.ts';
import { functionsIn } from '../../../resources/in-standby.ts';
import { deriveRoles } from '../../../resources/roles.ts';
import { planOf } from './plan-fixture.ts';

export interface Role {
  Type: string;
  Properties: { Policies: { PolicyDocument: { Statement: Statement[] } }[] };
}
/** The roles of the functions of a plan that differs by this from the smallest one. */
export const rolesOf = async (difference: object) =>
  (await deriveRoles(functionsIn('alone', readLambdas(), planOf(difference)), planOf(difference))) as Record<
    string,
    Role
  >;

export const statementsOf = (role: Role | undefined): Statement[] =>
  (role?.Properties.Policies ?? []).flatMap(({ PolicyDocument }) => PolicyDocument.Statement);

/** What a role allows: `action on resource`, without what every ARN begins with. */
export function allowed(role: Role | undefined): string[] {
  const allowing = statementsOf(role).filter(({ Effect }) => Effect === 'Allow');
  return allowing.flatMap(({ Action, Resource }) =>
    Resource.flatMap((resource) => Action.map((action) => `${action} on ${shortened(resource)}`)),
  );
}

/** What a statement names, without what every ARN begins with. */
export function shortened(resource: object | '*'): string {
  if (resource === '*') return resource;
  const [reference] = Object.values(resource) as [string | string[]];
  return [reference]
    .flat()
    .join('.')
    .replace(`arn:\${AWS::Partition}:`, '')
    .replace(`\${AWS::Region}:\${AWS::AccountId}:`, '');
}

/** What the roles allow because of what a plan has beside a database, by role. Roles that it changes nothing for are left out. */
export async function addedBy(difference: object): Promise<Record<string, string[]>> {
  const [before, after] = await Promise.all([rolesOf({}), rolesOf(difference)]);
  const added = Object.keys(after).map((role) => {
    const known = allowed(before[role]);
    return [role, allowed(after[role]).filter((line) => !known.includes(line))] as const;
  });
  return Object.fromEntries(added.filter(([, lines]) => lines.length > 0));
}
