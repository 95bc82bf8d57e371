import type { KMSClient } from '@aws-sdk/client-kms';
import { defaultKey, type Keys, type Scope } from 'local-rds/keys';

/**
 * The current keys from KMS. AWS's own RDS key exists in every account, whether or not KMS lists it.
 *
 * @param clientFor returns a KMS client that may describe keys of that account and Region
 */
export function keysInKms(clientFor: (scope: Scope) => KMSClient): Keys {
  return {
    async find(reference, scope) {
      const { DescribeKeyCommand } = await import('@aws-sdk/client-kms');
      try {
        const { KeyMetadata } = await clientFor(scope).send(new DescribeKeyCommand({ KeyId: reference }));
        return { arn: KeyMetadata?.Arn ?? reference, enabled: KeyMetadata?.KeyState === 'Enabled' };
      } catch (error) {
        const { name } = error as Error;
        if (name !== 'NotFoundException' && name !== 'InvalidArnException') throw error;
        if (!reference.endsWith(defaultKey)) return undefined;
        return { arn: `arn:aws:kms:${scope.region}:${scope.account}:${defaultKey}`, enabled: true };
      }
    },
  };
}
