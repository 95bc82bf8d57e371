/** An IAM statement that allows something. Without resources it is left out of the role, because IAM rejects it. */
export interface Statement {
  readonly Effect: 'Allow';
  readonly Action: readonly string[];
  readonly Resource: readonly Resource[];
  readonly Condition?: object;
}

/** A reference that CloudFormation resolves to an ARN, or `*`. */
export type Resource = object | '*';

/** Allows the actions on the resources. */
export function allow(actions: readonly string[], resources: readonly Resource[]): Statement {
  return { Effect: 'Allow', Action: actions, Resource: resources };
}

/** Allows the actions on the resources under the condition. */
function allowIf(condition: object, actions: readonly string[], resources: readonly Resource[]): Statement {
  return { ...allow(actions, resources), Condition: condition };
}

/** The resources of the stack itself. */
export const VAULT = { 'Fn::GetAtt': ['Vault', 'Arn'] };
export const VAULT_KEY = { 'Fn::GetAtt': ['VaultKey', 'Arn'] };
export const JOURNAL = { 'Fn::GetAtt': ['Journal', 'Arn'] };
export const LEDGER = { 'Fn::GetAtt': ['Ledger', 'Arn'] };

/** Every object in one part of the vault, for example `recovery-points/`. */
export function objectsOf(part: VaultPart): Resource {
  return { 'Fn::Sub': `\${Vault.Arn}/${part}/*` };
}

/** Allows listing one part of the vault and no other. */
export function listPart(part: VaultPart): Statement {
  return allowIf({ StringLike: { 's3:prefix': `${part}/*` } }, ['s3:ListBucket'], [VAULT]);
}

type VaultPart = 'recovery-points' | 'manifests' | 'evidence' | 'quarantine';

/** The queues, topics and functions with these names in the stack's account and Region, each once. */
export const queues = (names: readonly string[]): Resource[] => arns('sqs', '', names);
export const topics = (names: readonly string[]): Resource[] => arns('sns', '', names);
export const functions = (names: readonly string[]): Resource[] => arns('lambda', 'function:', names);

/** Allows reading the secrets with these names, each once. */
export function readSecrets(names: readonly string[]): Statement {
  // Secrets Manager adds a hyphen and six characters to a secret's name.
  // https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_examples.html
  const suffixed = names.map((name) => `${name}-??????`);
  return allow(['secretsmanager:GetSecretValue'], arns('secretsmanager', 'secret:', suffixed));
}

/** Allows using the keys with one of these aliases (`alias/…`), and no other key of the account. */
export function useKeys(
  actions: readonly ('kms:Decrypt' | 'kms:GenerateDataKey')[],
  aliases: readonly string[],
): Statement {
  const names = [...new Set(aliases)];
  // https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-resource-aliases
  const condition = { 'ForAnyValue:StringEquals': { 'kms:ResourceAliases': names } };
  return allowIf(condition, actions, names.length > 0 ? arns('kms', 'key/', ['*']) : []);
}

function arns(service: string, before: string, names: readonly string[]): Resource[] {
  return [...new Set(names)].map((name) => ({
    'Fn::Sub': `arn:\${AWS::Partition}:${service}:\${AWS::Region}:\${AWS::AccountId}:${before}${name}`,
  }));
}
