import type { Plan } from '../shared/plan/schema.ts';
import type { StackRole } from '../shared/plan/stack-role.ts';
import { type Lambda, readPermissions } from './capabilities.ts';
import { allow, denyIf, type Statement } from './iam.ts';
import { SEND_LOST_EVENTS } from './lost-events.ts';
import { requireSmallPolicy } from './policy-limit.ts';

/** A role for each Lambda, with exactly the permissions in its `permissions.ts` for this plan. @throws NotDeployable */
export async function deriveRoles(
  lambdas: readonly Lambda[],
  plan: Plan,
  role: StackRole = 'alone',
): Promise<Record<string, object>> {
  const roles = lambdas.map(async (lambda) => {
    const permissions = await readPermissions(lambda);
    return [lambda.role, roleOf(lambda, permissions(plan, role))] as const;
  });
  return Object.fromEntries(await Promise.all(roles));
}

function roleOf(lambda: Lambda, permissions: readonly Statement[]): object {
  const statements = [
    writeLog(lambda),
    ...permissions,
    ...(lambda.settings.startedBy === 'events' ? [SEND_LOST_EVENTS] : []),
    ...(lambda.settings.vpc === 'plan' ? [JOIN_NETWORK, notByItsCode(lambda)] : []),
  ];
  requireSmallPolicy(lambda.name, statements);
  return {
    Type: 'AWS::IAM::Role',
    Properties: {
      AssumeRolePolicyDocument: {
        Version: '2012-10-17',
        Statement: [
          { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' },
        ],
      },
      Policies: [
        {
          PolicyName: lambda.name,
          PolicyDocument: {
            Version: '2012-10-17',
            // A plan without queues, for example, leaves a statement without resources, which IAM rejects.
            Statement: statements.filter(({ Resource }) => Resource.length > 0),
          },
        },
      ],
    },
  };
}

function writeLog({ deployedName }: Lambda): Statement {
  const group = `log-group:/aws/lambda/${deployedName}:*`;
  return allow(
    ['logs:CreateLogStream', 'logs:PutLogEvents'],
    [{ 'Fn::Sub': `arn:\${AWS::Partition}:logs:\${AWS::Region}:\${AWS::AccountId}:${group}` }],
  );
}

/**
 * Lambda itself uses these to attach the function to the network. EC2 does not support resource ARNs for all of them.
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions
 */
const NETWORK_ACTIONS = [
  'ec2:CreateNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:DeleteNetworkInterface',
  'ec2:AssignPrivateIpAddresses',
  'ec2:UnassignPrivateIpAddresses',
];
const JOIN_NETWORK = allow(NETWORK_ACTIONS, ['*']);

/**
 * Calls of the function's own code carry its ARN, those of Lambda itself do not.
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-best-practice
 */
function notByItsCode({ deployedName }: Lambda): Statement {
  const arn = `arn:\${AWS::Partition}:lambda:\${AWS::Region}:\${AWS::AccountId}:function:${deployedName}`;
  return denyIf({ ArnEquals: { 'lambda:SourceFunctionArn': [{ 'Fn::Sub': arn }] } }, [
    ...NETWORK_ACTIONS,
    'ec2:DetachNetworkInterface',
  ]);
}
