import { randomBytes, randomUUID } from 'node:crypto';
import type { DBInstance, MasterUserSecret } from '@aws-sdk/client-rds';
import { Fault } from '../../protocol/fault.ts';
import type { Instance } from '../../state/things.ts';
import { usableKey } from '../encryption.ts';
import type { Scope } from '../secrets.ts';
import type { Call, Service } from '../service.ts';
import { change, instanceArn } from './instance.ts';

/** AWS's own key, under which Secrets Manager keeps a secret unless another is named. */
const SECRETS_KEY = 'alias/aws/secretsmanager';

interface Wanted {
  readonly ManageMasterUserPassword?: boolean | undefined;
  readonly MasterUserPassword?: string | undefined;
  readonly MasterUserSecretKmsKeyId?: string | undefined;
  readonly RotateMasterUserPassword?: boolean | undefined;
  readonly ApplyImmediately?: boolean | undefined;
}

/** What a request wants done with the secret of a master password. */
export type SecretChange = { readonly keep: true; readonly kmsKeyId: string } | { readonly keep: false };

/**
 * Undefined where the request leaves the password as it is, or gives one. "Password management with Amazon RDS and AWS Secrets Manager"
 * in the user guide. Throws InvalidParameterCombination and KMSKeyNotAccessibleFault.
 */
export async function secretChange(
  call: Call,
  wanted: Wanted,
  { MasterUserSecret: present }: Pick<DBInstance, 'MasterUserSecret'> = {},
): Promise<SecretChange | undefined> {
  const { ManageMasterUserPassword: manage, MasterUserPassword: password } = wanted;
  const refuse = (message: string) => new Fault('InvalidParameterCombination', message);
  if (wanted.RotateMasterUserPassword) {
    if (!present) throw refuse('RotateMasterUserPassword needs a master password that RDS manages.');
    if (!wanted.ApplyImmediately) throw refuse('RotateMasterUserPassword needs ApplyImmediately.');
  }
  if (password !== undefined && (manage === true || (present && manage !== false)))
    throw refuse('MasterUserPassword cannot be given while RDS manages the master password.');
  if (manage === false && present && password === undefined)
    throw refuse('MasterUserPassword must be given when RDS no longer manages the master password.');
  const begins = manage === true && !present;
  if (wanted.MasterUserSecretKmsKeyId !== undefined && !begins)
    throw refuse('MasterUserSecretKmsKeyId can be given only when RDS begins to manage the master password.');
  if (manage === false && present) return { keep: false };
  if (wanted.RotateMasterUserPassword) return { keep: true, kmsKeyId: present?.KmsKeyId ?? SECRETS_KEY };
  if (!begins) return undefined;
  if (!call.service.secrets)
    throw refuse('ManageMasterUserPassword is not supported by this service: it has no Secrets Manager.');
  const { MasterUserSecretKmsKeyId: key } = wanted;
  return { keep: true, kmsKeyId: key === undefined ? SECRETS_KEY : await usableKey(call, key) };
}

/** Makes a password, keeps it in the secret of the instance, which is made if there is none, and returns it. */
export async function keepNewPassword(
  service: Service,
  instance: Instance,
  kmsKeyId: string,
): Promise<string> {
  const { MasterUserSecret: present, MasterUsername: username = '' } = change(service, instance, {}).shown;
  // 28 letters and digits, as many as RDS makes, none of which a password may not have.
  const password = randomBytes(14).toString('hex');
  const SecretArn = await service.secrets?.put(scopeOf(instance), {
    ...(present?.SecretArn !== undefined && { arn: present.SecretArn }),
    name: `rds!db-${randomUUID()}`,
    value: JSON.stringify({ username, password }),
    kmsKeyId,
    tags: [
      { Key: 'aws:secretsmanager:owningService', Value: 'rds' },
      { Key: 'aws:rds:primaryDBInstanceArn', Value: instanceArn(instance) },
    ],
  });
  const kept: MasterUserSecret = { SecretArn, SecretStatus: 'active', KmsKeyId: kmsKeyId };
  change(service, instance, { shown: { MasterUserSecret: kept } });
  return password;
}

/** Nothing where RDS does not manage the password. May be done again. */
export async function deleteSecret(service: Service, instance: Instance): Promise<void> {
  const { MasterUserSecret: present } = change(service, instance, {}).shown;
  if (present?.SecretArn === undefined) return;
  await service.secrets?.delete(scopeOf(instance), present.SecretArn);
  change(service, instance, { shown: { MasterUserSecret: undefined } });
}

const scopeOf = ({ account, region }: Instance): Scope => ({ account, region });
