import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

/** The bucket policy of the template's vault, as CloudFormation would fill it in for this bucket and the role that takes backups. */
export function vaultPolicyFor(bucket: string, takesBackups: string): string {
  const { VaultPolicy } = vaultFilledIn({ bucket, accountId: '', takesBackups });
  return JSON.stringify(VaultPolicy.Properties.PolicyDocument);
}

/** The policy of the key of the template's vault, as CloudFormation would fill it in for this account. */
export function vaultKeyPolicyFor(accountId: string): string {
  return JSON.stringify(
    vaultFilledIn({ bucket: '', accountId, takesBackups: '' }).VaultKey.Properties.KeyPolicy,
  );
}

function vaultFilledIn(filled: { bucket: string; accountId: string; takesBackups: string }) {
  const { bucket, accountId, takesBackups } = filled;
  const arn = `arn:aws:s3:::${bucket}`;
  const fill = (text: string) =>
    text
      .replaceAll(`\${Vault.Arn}`, arn)
      .replaceAll(`\${AWS::Partition}`, 'aws')
      .replaceAll(`\${AWS::AccountId}`, accountId);
  const template = readFileSync('resources/vault.yml', 'utf8');
  const { Resources } = parse(template.replace(`\${file(resources/plan.js):mayTag}`, takesBackups), {
    customTags: [
      { tag: '!GetAtt', resolve: (attribute: string) => (attribute === 'Vault.Arn' ? arn : attribute) },
      { tag: '!Sub', resolve: fill },
      { tag: '!Ref', resolve: (id: string) => id },
    ],
  });
  return Resources;
}
