import {
  databaseOf,
  databaseRestoresOf,
  databaseTestsOf,
  emptyInstanceTestsOf,
  type instancePlacesOf,
  storedInstancePlacesOf,
  targetsOf,
} from '../shared/plan/lookup.ts';
import type { Plan } from '../shared/plan/schema.ts';
import type { Rehydration } from '../shared/plan/sections/rehydrations.ts';
import type { Replay } from '../shared/plan/sections/replays.ts';
import type { SecretsToRead } from './iam.ts';

/** The secrets for the plan's databases that are backed up. */
export function sourceSecrets({ databases }: Plan): SecretsToRead[] {
  return Object.values(databases).map(({ postgres }) => secretsOf(postgres));
}

/** The secrets for the servers that copies are made on. They give no access to a source. */
export function copySecrets(plan: Plan): SecretsToRead[] {
  return [
    ...databaseTestsOf(plan).map(([, { scratchDatabase }]) => secretsOf(scratchDatabase)),
    ...restoreSecrets(plan),
  ];
}

/** The secrets for the servers that a restored database stays on. */
export function restoreSecrets(plan: Plan): SecretsToRead[] {
  return databaseRestoresOf(plan).map(([, { server }]) => secretsOf(server));
}

/** The certificate authorities of restored instances. Their logins are secrets that RDS makes. */
export function instanceAuthorities(plan: Plan): SecretsToRead[] {
  return authoritiesOf(plan, storedInstancePlacesOf(plan));
}

/** The certificate authorities of instances that logical backups are loaded into. */
export function emptyInstanceAuthorities(plan: Plan): SecretsToRead[] {
  return authoritiesOf(
    plan,
    emptyInstanceTestsOf(plan).map(([, { from, scratchInstance }]) => ({ from, shape: scratchInstance })),
  );
}

function authoritiesOf(plan: Plan, places: ReturnType<typeof instancePlacesOf>): SecretsToRead[] {
  return places.map(({ from, shape }) => ({
    names: [shape.certificateAuthority ?? databaseOf(plan, from.database).postgres.certificateAuthority],
    keys: databaseOf(plan, from.database).postgres.keys,
  }));
}

/** The secrets for one database of the plan. */
export function databaseSecrets(plan: Plan, name: string): SecretsToRead {
  return secretsOf(databaseOf(plan, name).postgres);
}

/** The secrets of the webhooks that a replay delivers to; none for other targets. */
export function webhookSecrets(replay: Replay): SecretsToRead[] {
  return targetsOf(replay).flatMap((target) => ('webhook' in target ? [secretsOf(target.webhook)] : []));
}

/** The secret of the Redis that a rehydration fills; none for a queue. */
export function redisSecrets({ into }: Rehydration): SecretsToRead[] {
  return 'redisList' in into ? [secretsOf(into.redisList)] : [];
}

interface SecretFields {
  readonly secret: string;
  readonly certificateAuthority?: string | undefined;
  readonly keys: readonly string[];
}

function secretsOf({ secret, certificateAuthority, keys }: SecretFields): SecretsToRead {
  return { names: certificateAuthority === undefined ? [secret] : [secret, certificateAuthority], keys };
}
