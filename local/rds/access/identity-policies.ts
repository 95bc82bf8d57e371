import type { GetAccountAuthorizationDetailsResponse, IAMClient } from '@aws-sdk/client-iam';
import type { Caller } from './callers.ts';
import { type Policy, parsePolicy } from './policy.ts';

/** Looks up the policies of callers. */
export interface IdentityPolicies {
  /** Inline and attached policies; for a user also those of its groups. Throws PolicyNotSupported, PolicyNotReadable. */
  of(caller: Caller): Promise<readonly Policy[]>;
}

/** IAM has no document for an attached policy, so its content is unknown. */
export class PolicyNotReadable extends Error {
  override readonly name = 'PolicyNotReadable';

  constructor(arn: string) {
    super(
      `The policy ${arn} is attached to the caller, and IAM has no document of it. Expected: a policy that can be read.`,
    );
  }
}

type Details = GetAccountAuthorizationDetailsResponse;
type Documents = ReadonlyMap<string, string>;

/** The current identity policies from IAM, in the client's account. */
export function policiesInIam(client: IAMClient): IdentityPolicies {
  return {
    async of({ identity }) {
      if (identity.kind === 'root') return [];
      const pages = await detailsOf(client);
      const documents = documentsIn(pages);
      if (identity.kind === 'role') {
        const role = pages
          .flatMap(({ RoleDetailList = [] }) => RoleDetailList)
          .find(({ RoleName }) => RoleName === identity.name);
        return policiesOf(role?.RolePolicyList, role?.AttachedManagedPolicies, documents);
      }
      const user = pages
        .flatMap(({ UserDetailList = [] }) => UserDetailList)
        .find(({ UserName }) => UserName === identity.name);
      const groups = pages
        .flatMap(({ GroupDetailList = [] }) => GroupDetailList)
        .filter(({ GroupName = '' }) => user?.GroupList?.includes(GroupName));
      return [
        ...policiesOf(user?.UserPolicyList, user?.AttachedManagedPolicies, documents),
        ...groups.flatMap((group) =>
          policiesOf(group.GroupPolicyList, group.AttachedManagedPolicies, documents),
        ),
      ];
    },
  };
}

async function detailsOf(client: IAMClient): Promise<Details[]> {
  // Imported on first use: a service that serves only the root user does not need it.
  const { paginateGetAccountAuthorizationDetails } = await import('@aws-sdk/client-iam');
  const pages: Details[] = [];
  for await (const page of paginateGetAccountAuthorizationDetails({ client }, {})) pages.push(page);
  return pages;
}

/** Managed policies, each in its default version. */
function documentsIn(pages: readonly Details[]): Documents {
  const found = new Map<string, string>();
  for (const { Arn, PolicyVersionList = [] } of pages.flatMap(({ Policies = [] }) => Policies)) {
    const document = PolicyVersionList.find((version) => version.IsDefaultVersion)?.Document;
    if (Arn && document) found.set(Arn, document);
  }
  return found;
}

function policiesOf(
  inline: readonly { PolicyName?: string | undefined; PolicyDocument?: string | undefined }[] = [],
  attached: readonly { PolicyArn?: string | undefined }[] = [],
  documents: Documents,
): Policy[] {
  const parse = (name: string, encoded: string) => parsePolicy(name, decodeURIComponent(encoded));
  return [
    ...inline.map(({ PolicyName = '', PolicyDocument = '' }) => parse(PolicyName, PolicyDocument)),
    ...attached.map(({ PolicyArn = '' }) => {
      const document = documents.get(PolicyArn);
      if (document === undefined) throw new PolicyNotReadable(PolicyArn);
      return parse(PolicyArn, document);
    }),
  ];
}
