/** An IAM statement. Without resources it is left out of the role, because IAM rejects it. */
export interface Statement {
  readonly Effect: 'Allow' | 'Deny';
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

/** Denies the actions on all resources under the condition. */
export function denyIf(condition: object, actions: readonly string[]): Statement {
  return { Effect: 'Deny', Action: actions, Resource: ['*'], Condition: condition };
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
/** Only the stack of the standby Region has it. */
export const FAILOVER = { 'Fn::GetAtt': ['Failover', 'Arn'] };

/** The table of locks in the standby Region, as the primary Region names it. */
export function locksIn(standby: string): Resource {
  return {
    'Fn::Sub': `arn:\${AWS::Partition}:dynamodb:${standby}:\${AWS::AccountId}:table/\${AWS::StackName}-locks`,
  };
}

/** Every object in one part of the vault, for example `recovery-points/`. */
export function objectsOf(part: VaultPart): Resource {
  return { 'Fn::Sub': `\${Vault.Arn}/${part}/*` };
}

/** Allows listing one part of the vault and no other. */
export function listPart(part: VaultPart): Statement {
  return allowIf({ StringLike: { 's3:prefix': `${part}/*` } }, ['s3:ListBucket'], [VAULT]);
}

/** Allows listing the versions of one part of the vault, delete markers included. */
export function listVersions(part: VaultPart): Statement {
  return allowIf({ StringLike: { 's3:prefix': `${part}/*` } }, ['s3:ListBucketVersions'], [VAULT]);
}

type VaultPart = 'recovery-points' | 'manifests' | 'evidence' | 'quarantine' | 'probes';

/** The queues, topics and functions with these names in the stack's account and Region, each once. */
export const queues = (names: readonly string[]): Resource[] => arns('sqs', '', names);
export const topics = (names: readonly string[]): Resource[] => arns('sns', '', names);
export const functions = (names: readonly string[]): Resource[] => arns('lambda', 'function:', names);

/** Secrets of the plan and the keys that encrypt them, both by name. */
export interface SecretsToRead {
  readonly names: readonly string[];
  /** Aliases; none for secrets under AWS's own key. */
  readonly keys: readonly string[];
}

/** Allows reading the secrets, each once, and decrypting them with their keys through Secrets Manager and in no other way. */
export function readSecrets(secrets: readonly SecretsToRead[]): Statement[] {
  const names = secrets.flatMap((each) => each.names);
  const keys = [...new Set(secrets.flatMap((each) => each.keys))];
  // Secrets Manager adds a hyphen and six characters to a secret's name.
  // https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_examples.html
  const suffixed = names.map((name) => `${name}-??????`);
  return [
    allow(['secretsmanager:GetSecretValue'], arns('secretsmanager', 'secret:', suffixed)),
    allowIf(
      {
        ...withAliases(keys),
        // https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html
        StringEquals: {
          'kms:ViaService': { 'Fn::Sub': `secretsmanager.\${AWS::Region}.\${AWS::URLSuffix}` },
        },
      },
      ['kms:Decrypt'],
      keys.length > 0 ? arns('kms', 'key/', ['*']) : [],
    ),
  ];
}

/** Allows creating secrets whose names begin so, and looking whether one exists. Not reading, changing or deleting one. */
export function keepSecrets(prefixes: readonly string[]): Statement[] {
  const secrets = arns(
    'secretsmanager',
    'secret:',
    prefixes.map((prefix) => `${prefix}*`),
  );
  return [
    allow(
      ['secretsmanager:CreateSecret', 'secretsmanager:DescribeSecret', 'secretsmanager:TagResource'],
      secrets,
    ),
  ];
}

/** Allows using the keys with one of these aliases (`alias/…`), and no other key of the account. */
export function useKeys(
  actions: readonly (
    | 'kms:Decrypt'
    | 'kms:GenerateDataKey'
    | 'kms:GenerateDataKeyWithoutPlaintext'
    | 'kms:DescribeKey'
    | 'kms:CreateGrant'
  )[],
  aliases: readonly string[],
): Statement {
  const names = [...new Set(aliases)];
  return allowIf(withAliases(names), actions, names.length > 0 ? arns('kms', 'key/', ['*']) : []);
}

/** https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-resource-aliases */
function withAliases(names: readonly string[]): object {
  return { 'ForAnyValue:StringEquals': { 'kms:ResourceAliases': names } };
}

function arns(service: string, before: string, names: readonly string[]): Resource[] {
  return [...new Set(names)].map((name) => ({
    'Fn::Sub': `arn:\${AWS::Partition}:${service}:\${AWS::Region}:\${AWS::AccountId}:${before}${name}`,
  }));
}
