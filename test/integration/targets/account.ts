import { CreateAccessKeyCommand, CreateRoleCommand, CreateUserCommand, IAMClient } from '@aws-sdk/client-iam';
import type { Account } from '../../../local/account.ts';

/** Whom a client acts as. */
export interface Identity {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

export function root({ endpoint, region, accountId }: Account): Identity {
  return { endpoint, region, credentials: { accessKeyId: accountId, secretAccessKey: 'test' } };
}

/** A user without a single permission. */
export async function nobody(aws: Account): Promise<Identity> {
  const iam = new IAMClient(root(aws));
  try {
    await iam.send(new CreateUserCommand({ UserName: 'nobody' }));
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'nobody' }));
    const { AccessKeyId: accessKeyId = '', SecretAccessKey: secretAccessKey = '' } = AccessKey ?? {};
    return { ...root(aws), credentials: { accessKeyId, secretAccessKey } };
  } finally {
    iam.destroy();
  }
}

/** A role that Lambda may take on, and that allows nothing. @returns its ARN */
export async function createRole(owner: Identity, name: string): Promise<string> {
  const iam = new IAMClient(owner);
  const AssumeRolePolicyDocument = JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' },
    ],
  });
  try {
    const { Role } = await iam.send(new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument }));
    return Role?.Arn ?? '';
  } finally {
    iam.destroy();
  }
}
