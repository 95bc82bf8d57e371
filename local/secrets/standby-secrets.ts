import {
  CreateSecretCommand,
  GetSecretValueCommand,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import type { PostgresAccess } from 'local-postgres/access';
import type { Plan } from '../../shared/plan/schema.ts';
import { inRdsFormat, scratchRoles } from './plan-secrets.ts';

/** Stands for ReplicateSecretToRegions: the same name and the same value in another Region. */
export async function replicateSecrets(
  from: SecretsManagerClient,
  to: SecretsManagerClient,
  names: readonly string[],
): Promise<void> {
  await Promise.all(
    names.map(async (SecretId) => {
      const { SecretString } = await from.send(new GetSecretValueCommand({ SecretId }));
      await to.send(new CreateSecretCommand({ Name: SecretId, SecretString }));
    }),
  );
}

/**
 * Writes the logins of restore tests and restores for the scratch server of this Region, under the names that the plan gives them.
 *
 * @returns the names
 */
export async function writeScratchSecrets(
  client: SecretsManagerClient,
  plan: Plan,
  scratch: PostgresAccess,
): Promise<string[]> {
  const logins = scratchRoles(plan);
  for (const { secret, role, createRoles } of logins) {
    const login = inRdsFormat(await scratch.createRole({ name: role, createDatabases: true, createRoles }));
    await client.send(new CreateSecretCommand({ Name: secret, SecretString: login }));
  }
  return logins.map(({ secret }) => secret);
}
