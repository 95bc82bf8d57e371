import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

/** The bucket policy of the template's vault, as CloudFormation would fill it in for this bucket. */
export function vaultPolicyFor(bucket: string): string {
  const arn = `arn:aws:s3:::${bucket}`;
  const fill = (text: string) => text.replaceAll(`\${Vault.Arn}`, arn);
  const { Resources } = parse(readFileSync('resources/vault.yml', 'utf8'), {
    customTags: [
      { tag: '!GetAtt', resolve: (attribute: string) => (attribute === 'Vault.Arn' ? arn : attribute) },
      { tag: '!Sub', resolve: fill },
      { tag: '!Ref', resolve: (id: string) => id },
    ],
  });
  return JSON.stringify(Resources.VaultPolicy.Properties.PolicyDocument);
}
