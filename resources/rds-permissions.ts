import type { Plan } from '../shared/plan/schema.ts';
import { allow, type Resource, type Statement } from './iam.ts';

/**
 * RDS uses the keys on behalf of the caller, and asks for a grant.
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.Encryption.Keys.html
 */
export function useKeys(plan: Plan, aliases: readonly string[]): Statement[] {
  const through = (region: string) => ({
    'kms:ViaService': { 'Fn::Sub': `rds.${region}.\${AWS::URLSuffix}` },
  });
  const actions = [
    'kms:DescribeKey',
    'kms:CreateGrant',
    'kms:Decrypt',
    'kms:GenerateDataKeyWithoutPlaintext',
  ];
  const { primary, standby } = plan.regions;
  return [
    // The key of an instance is not in the plan.
    { ...allow(actions, [key(primary)]), Condition: { StringEquals: through(primary) } },
    {
      ...allow(actions, aliases.length > 0 ? [key(standby)] : []),
      Condition: {
        StringEquals: through(standby),
        'ForAnyValue:StringEquals': { 'kms:ResourceAliases': aliases },
      },
    },
  ];
}

/** The ARN of something that RDS keeps. */
export function rdsArn(region: string, resource: string): Resource {
  return { 'Fn::Sub': `arn:\${AWS::Partition}:rds:${region}:\${AWS::AccountId}:${resource}` };
}

function key(region: string): Resource {
  return { 'Fn::Sub': `arn:\${AWS::Partition}:kms:${region}:\${AWS::AccountId}:key/*` };
}
