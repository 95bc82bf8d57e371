import {
  GetRolePolicyCommand,
  IAMClient,
  ListRolePoliciesCommand,
  PutRolePolicyCommand,
} from '@aws-sdk/client-iam';
import type { LocalAws } from '../../../local/start.ts';

/** Removes one action from a role's policies, runs the work, and restores the action. */
export async function withoutPermission<T>(
  { endpoint, region, accountId, stack }: LocalAws,
  { role, action }: { readonly role: string; readonly action: string },
  work: () => Promise<T>,
): Promise<T> {
  const iam = new IAMClient({
    region,
    endpoint,
    credentials: { accessKeyId: accountId, secretAccessKey: 'test' },
  });
  const RoleName = stack.physicalIds.get(role);
  const { PolicyNames = [] } = await iam.send(new ListRolePoliciesCommand({ RoleName }));
  const policies = await Promise.all(
    PolicyNames.map(async (PolicyName) => {
      const { PolicyDocument = '' } = await iam.send(new GetRolePolicyCommand({ RoleName, PolicyName }));
      return { RoleName, PolicyName, PolicyDocument: decodeURIComponent(PolicyDocument) };
    }),
  );
  const allowing = policies.filter(({ PolicyDocument }) => actionsOf(PolicyDocument).includes(action));
  if (allowing.length === 0) throw new Error(`${role} does not allow ${action} in the first place`);
  const put = (changed: typeof policies) =>
    Promise.all(changed.map((policy) => iam.send(new PutRolePolicyCommand(policy))));
  await put(
    allowing.map((policy) => ({ ...policy, PolicyDocument: withoutAction(policy.PolicyDocument, action) })),
  );
  try {
    return await work();
  } finally {
    await put(allowing);
    iam.destroy();
  }
}

interface Policy {
  readonly Statement: readonly { readonly Action: string | readonly string[] }[];
}

function actionsOf(document: string): string[] {
  return (JSON.parse(document) as Policy).Statement.flatMap(({ Action }) => Action);
}

function withoutAction(document: string, action: string): string {
  const policy = JSON.parse(document) as Policy;
  const Statement = policy.Statement.map((statement) => ({
    ...statement,
    Action: [statement.Action].flat().filter((each) => each !== action),
  })).filter(({ Action }) => Action.length > 0);
  return JSON.stringify({ ...policy, Statement });
}
