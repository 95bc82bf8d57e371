import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type * as z from 'zod';
import { type DatabaseAccess, readDatabaseAccess, readManagedAccess } from '../database/access.ts';
import { NotInPlan } from '../plan/lookup.ts';
import type { CopyServer } from './made-for.ts';
import type { RestoredInstance } from './step-answers.ts';

/**
 * Reads the address and the login of the server that a copy is made on: of one of the plan from the plan's secret, of the run's own
 * instance from what RDS keeps.
 *
 * @param instance the run's own instance; absent where the copy goes to a server of the plan
 * @throws NotInPlan if the server is an instance, and none is given; SecretUnusable, SecretUnavailable
 */
export async function readServerAccess(
  secrets: SecretsManagerClient,
  server: CopyServer,
  instance?: z.output<typeof RestoredInstance> | null,
): Promise<DatabaseAccess> {
  const { secret, certificateAuthority } = server;
  if (secret !== null) return readDatabaseAccess(secrets, { secret, certificateAuthority });
  if (!instance)
    throw new NotInPlan('the copy is on an RDS instance of its run, and this step was not told which');
  return readManagedAccess(secrets, { ...instance, certificateAuthority });
}
