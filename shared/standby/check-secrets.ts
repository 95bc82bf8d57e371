import { SecretUnusable } from '../aws/read-secret.ts';
import { databaseRestoresOf, databaseTestsOf, instancePlacesOf, targetsOf } from '../plan/lookup.ts';
import type { Plan } from '../plan/schema.ts';

/** A secret of the plan that cannot be read, and why. No reason quotes a value. */
export interface UnreadableSecret {
  readonly secret: string;
  readonly reason: string;
}

/** The name of each secret that the plan names, once. RDS makes the logins of restored instances, so the plan names none of them. */
export function secretsIn(plan: Plan): string[] {
  const servers = [
    ...Object.values(plan.databases).map(({ postgres }) => postgres),
    ...databaseTestsOf(plan).map(([, { scratchDatabase }]) => scratchDatabase),
    ...databaseRestoresOf(plan).map(([, { server }]) => server),
  ].flatMap(({ secret, certificateAuthority }) => [secret, certificateAuthority]);
  const instances = instancePlacesOf(plan).flatMap(({ shape }) => shape.certificateAuthority ?? []);
  const webhooks = Object.values(plan.replays)
    .flatMap(targetsOf)
    .flatMap((target) =>
      'webhook' in target ? [target.webhook.secret, target.webhook.certificateAuthority ?? []].flat() : [],
    );
  const lists = Object.values(plan.rehydrations).flatMap(({ into }) =>
    'redisList' in into ? [into.redisList.secret] : [],
  );
  return [...new Set([...servers, ...instances, ...webhooks, ...lists])];
}

/**
 * Reads each secret of the plan, as a recovery would. A secret that is described and not read proves little: a replica under a key
 * that nobody may use looks like any other.
 *
 * @param read throws SecretUnusable where the secret cannot be read
 * @throws what else `read` throws: nothing is known then
 */
export async function unreadableSecrets(
  plan: Plan,
  read: (secret: string) => Promise<unknown>,
): Promise<UnreadableSecret[]> {
  const outcomes = await Promise.all(
    secretsIn(plan).map(async (secret) => {
      try {
        await read(secret);
        return [];
      } catch (error) {
        if (!(error instanceof SecretUnusable)) throw error;
        return [{ secret, reason: error.message }];
      }
    }),
  );
  return outcomes.flat();
}
