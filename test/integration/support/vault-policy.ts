import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

/** The bucket policy of the template's vault, as CloudFormation would fill it in for this bucket. */
export function vaultPolicyFor(bucket: string): string {
  const { VaultPolicy } = vaultFilledIn({ bucket, accountId: '' });
  return JSON.stringify(VaultPolicy.Properties.PolicyDocument);
}

/** The policy of the key of the template's vault, as CloudFormation would fill it in for this account. */
export function vaultKeyPolicyFor(accountId: string): string {
  return JSON.stringify(vaultFilledIn({ bucket: '', accountId }).VaultKey.Properties.KeyPolicy);
}

function vaultFilledIn({ bucket, accountId }: { bucket: string; accountId: string }) {
  const arn = `arn:aws:s3:::${bucket}`;
  const fill = (text: string) =>
    text
      .replaceAll(`\${Vault.Arn}`, arn)
      .replaceAll(`\${AWS::Partition}`, 'aws')
      .replaceAll(`\${AWS::AccountId}`, accountId);
  const { Resources } = parse(readFileSync('resources/vault.yml', 'utf8'), {
    customTags: [
      { tag: '!GetAtt', resolve: (attribute: string) => (attribute === 'Vault.Arn' ? arn : attribute) },
      { tag: '!Sub', resolve: fill },
      { tag: '!Ref', resolve: (id: string) => id },
    ],
  });
  return Resources;
}
