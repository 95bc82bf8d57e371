import type { KMSClient } from '@aws-sdk/client-kms';
import { defaultKey, type Keys, type Scope } from 'local-rds/keys';

/**
 * Keys as KMS has them at this moment. The key that AWS keeps for RDS in every account is there whether or not KMS lists it.
 *
 * @param clientFor a client of KMS that may describe keys of that account and Region
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
