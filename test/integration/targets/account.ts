import { CreateAccessKeyCommand, CreateUserCommand, IAMClient } from '@aws-sdk/client-iam';
import type { Account } from '../../../local/account.ts';
import { createFunctionRole } from '../../../local/functions/role.ts';

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
  try {
    return await createFunctionRole(iam, name);
  } finally {
    iam.destroy();
  }
}
