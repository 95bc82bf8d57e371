import type { RegionRole } from '../shared/plan/region-role.ts';
import type { Plan } from '../shared/plan/schema.ts';
import type { StackRole } from '../shared/plan/stack-role.ts';
import { allow, type Resource, type Statement } from './iam.ts';

/** The role of the Region that a stack works in. */
export function regionRoleOfStack(role: StackRole): RegionRole {
  return role === 'standby' ? 'standby' : 'primary';
}

/**
 * RDS uses the keys on behalf of the caller, and asks for a grant.
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.Encryption.Keys.html
 *
 * @param aliases the keys of the standby Region
 */
export function useKeys(plan: Plan, aliases: readonly string[]): Statement[] {
  return [useSourceKeys(plan), useCopyKeys(plan, aliases)];
}

/** The keys of the primary Region: the key of an instance is not in the plan. */
export function useSourceKeys({ regions: { primary } }: Plan): Statement {
  return { ...allow(USE, [key(primary)]), Condition: { StringEquals: through(primary) } };
}

/** The keys of the standby Region that the plan has copies made under. */
export function useCopyKeys({ regions: { standby } }: Plan, aliases: readonly string[]): Statement {
  return {
    ...allow(USE, aliases.length > 0 ? [key(standby)] : []),
    Condition: {
      StringEquals: through(standby),
      'ForAnyValue:StringEquals': { 'kms:ResourceAliases': aliases },
    },
  };
}

/** The ARN of something that RDS keeps. */
export function rdsArn(region: string, resource: string): Resource {
  return { 'Fn::Sub': `arn:\${AWS::Partition}:rds:${region}:\${AWS::AccountId}:${resource}` };
}

const USE = ['kms:DescribeKey', 'kms:CreateGrant', 'kms:Decrypt', 'kms:GenerateDataKeyWithoutPlaintext'];

function through(region: string) {
  return { 'kms:ViaService': { 'Fn::Sub': `rds.${region}.\${AWS::URLSuffix}` } };
}

function key(region: string): Resource {
  return { 'Fn::Sub': `arn:\${AWS::Partition}:kms:${region}:\${AWS::AccountId}:key/*` };
}
