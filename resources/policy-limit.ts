import type { Statement } from './iam.ts';
import { NotDeployable } from './not-deployable.ts';

/**
 * All inline policies of a role together, without white space.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
 */
const MOST_CHARACTERS = 10_240;

/** The longest that CloudFormation fills in. Names of the stack's own resources end in characters that it draws. */
const LONGEST = {
  'AWS::Partition': 'aws-us-gov',
  'AWS::Region': 'ap-southeast-1',
  'AWS::AccountId': '123456789012',
  'AWS::URLSuffix': 'amazonaws.com.cn',
} as const;
const ARN_OF_A_RESOURCE = 'a'.repeat(160);

/**
 * Refuses a role that IAM would reject in the middle of a deployment.
 *
 * @param lambda whose role it is
 * @throws NotDeployable with the number and what to do
 */
export function requireSmallPolicy(lambda: string, statements: readonly Statement[]): void {
  const characters = JSON.stringify({ Version: '2012-10-17', Statement: statements }, filledIn).length;
  if (characters <= MOST_CHARACTERS) return;
  throw new NotDeployable(
    `the role of ${lambda} would have a policy of ${characters} characters; IAM allows ${MOST_CHARACTERS}: ` +
      'give some of the queues, topics and secrets a plan of their own',
  );
}

/** A reference as the text that it becomes, at its longest. */
function filledIn(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  if ('Ref' in value || 'Fn::GetAtt' in value) return ARN_OF_A_RESOURCE;
  if (!('Fn::Sub' in value)) return value;
  return String(value['Fn::Sub']).replace(/\$\{([\w:.]+)\}/g, (_whole, name: string) =>
    name in LONGEST ? LONGEST[name as keyof typeof LONGEST] : ARN_OF_A_RESOURCE,
  );
}
