import { CreateRoleCommand, type IAMClient } from '@aws-sdk/client-iam';

/** A role that Lambda may take on, and that allows nothing. @returns its ARN */
export async function createFunctionRole(iam: IAMClient, RoleName: string): Promise<string> {
  const AssumeRolePolicyDocument = JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' },
    ],
  });
  const { Role } = await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }));
  return Role?.Arn ?? '';
}
