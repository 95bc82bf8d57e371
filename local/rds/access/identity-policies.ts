import type { GetAccountAuthorizationDetailsResponse, IAMClient } from '@aws-sdk/client-iam';
import type { Caller } from './callers.ts';
import { type Policy, parsePolicy } from './policy.ts';

/** Where the policies of callers are looked up. */
export interface IdentityPolicies {
  /** Inline and attached ones; of a user also those of its groups. Throws PolicyNotSupported, PolicyNotReadable. */
  of(caller: Caller): Promise<readonly Policy[]>;
}

/** A policy is attached of which IAM has no document: what it says cannot be known. */
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

/** Identity policies as IAM has them at this moment, in the account of the client. */
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
  // Loaded with the first question: a service that serves the root user alone does without.
  const { paginateGetAccountAuthorizationDetails } = await import('@aws-sdk/client-iam');
  const pages: Details[] = [];
  for await (const page of paginateGetAccountAuthorizationDetails({ client }, {})) pages.push(page);
  return pages;
}

/** Managed policies, each as its default version says. */
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
