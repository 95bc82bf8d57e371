import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Scope, Secrets } from 'local-rds/secrets';

/**
 * Keeps master passwords in Secrets Manager, as RDS does.
 *
 * @param clientFor returns a client that may make and delete secrets of that account and Region
 */
export function secretsInSecretsManager(clientFor: (scope: Scope) => SecretsManagerClient): Secrets {
  return {
    async put(scope, { arn, name, value, kmsKeyId, tags }) {
      const sdk = await import('@aws-sdk/client-secrets-manager');
      const client = clientFor(scope);
      if (arn !== undefined) {
        await client.send(new sdk.PutSecretValueCommand({ SecretId: arn, SecretString: value }));
        return arn;
      }
      const created = await client.send(
        new sdk.CreateSecretCommand({
          Name: name,
          SecretString: value,
          KmsKeyId: kmsKeyId,
          Tags: [...tags],
        }),
      );
      if (created.ARN === undefined) throw new Error(`Secrets Manager made ${name} and named no ARN.`);
      return created.ARN;
    },
    async delete(scope, arn) {
      const { DeleteSecretCommand } = await import('@aws-sdk/client-secrets-manager');
      const removal = new DeleteSecretCommand({ SecretId: arn, ForceDeleteWithoutRecovery: true });
      await clientFor(scope)
        .send(removal)
        .catch((error: Error) => {
          if (error.name !== 'ResourceNotFoundException') throw error;
        });
    },
  };
}
