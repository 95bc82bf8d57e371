import { CreateSecretCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Connection, PostgresAccess } from 'local-postgres/access';
import { freePort } from 'process-kit/free-port';
import { databaseRestoresOf, databaseTestsOf, targetsOf } from '../../shared/plan/lookup.ts';
import type { Plan } from '../../shared/plan/schema.ts';

/** The databases that a plan protects, created on the source server; by their name in the plan. */
export type Databases = Readonly<Record<string, Connection>>;

/**
 * Addresses from the plan's secrets where no process listens: receivers stay down until a test or drill starts
 * one there. By the secret's name.
 */
export type Addresses = Readonly<Record<string, string>>;

/**
 * Creates what the plan's secrets refer to, and writes them: each database with an owner who is not a superuser, a
 * role on the scratch server that may create databases (and roles, where restored databases stay), the CA that signed both servers' certificates, and
 * local addresses for webhooks and Redis. A secret that several entries name is written once.
 */
export async function writePlanSecrets(
  client: SecretsManagerClient,
  plan: Plan,
  { source, scratch }: { source: PostgresAccess; scratch: PostgresAccess },
): Promise<{ databases: Databases; addresses: Addresses }> {
  const secrets = new Map<string, string>();
  const databases: Record<string, Connection> = {};
  for (const [name, { postgres }] of Object.entries(plan.databases)) {
    const { secret, certificateAuthority } = postgres;
    const label = `${plan.workload}_${name}`.replaceAll('-', '_');
    const database = await source.createDatabase({ name: label, owner: label });
    databases[name] = database;
    if (!secrets.has(secret)) secrets.set(secret, inRdsFormat(database));
    secrets.set(certificateAuthority, source.ca);
  }
  for (const { secret, certificateAuthority, role, createRoles } of scratchRoles(plan)) {
    const created = await scratch.createRole({ name: role, createDatabases: true, createRoles });
    secrets.set(secret, inRdsFormat(created));
    secrets.set(certificateAuthority, scratch.ca);
  }
  const addresses = await newAddresses(plan);
  for (const [secret, url] of Object.entries(addresses)) secrets.set(secret, JSON.stringify({ url }));
  for (const target of Object.values(plan.replays).flatMap(targetsOf))
    if ('webhook' in target && target.webhook.certificateAuthority !== undefined)
      secrets.set(target.webhook.certificateAuthority, source.ca);
  await Promise.all(
    [...secrets].map(([Name, SecretString]) => client.send(new CreateSecretCommand({ Name, SecretString }))),
  );
  return { databases, addresses };
}

/** A role on the scratch server, and the secrets that give access by it. */
interface ScratchRole {
  readonly secret: string;
  readonly certificateAuthority: string;
  readonly role: string;
  /** True where restored databases stay: each gets a login of its own. */
  readonly createRoles: boolean;
}

/**
 * The roles on the scratch server, one for each secret that restore tests and restores name:
 * each is named after the first one that uses its secret.
 */
export function scratchRoles(plan: Plan): ScratchRole[] {
  const { workload } = plan;
  const roles = new Map<string, ScratchRole>();
  const places = [
    ...databaseRestoresOf(plan).map(([name, { server }]) => ({ name, at: server, createRoles: true })),
    ...databaseTestsOf(plan).map(([name, { scratchDatabase }]) => ({
      name,
      at: scratchDatabase,
      createRoles: false,
    })),
  ];
  for (const { name, at, createRoles } of places) {
    const { secret, certificateAuthority } = at;
    const role = `${workload}_${name}_scratch`.replaceAll('-', '_');
    if (!roles.has(secret)) roles.set(secret, { secret, certificateAuthority, role, createRoles });
  }
  return [...roles.values()];
}

async function newAddresses({ replays, rehydrations }: Plan): Promise<Addresses> {
  const webhooks = Object.values(replays)
    .flatMap(targetsOf)
    .flatMap((target) => ('webhook' in target ? [target.webhook.secret] : []));
  const lists = Object.values(rehydrations).flatMap(({ into }) =>
    'redisList' in into ? [into.redisList.secret] : [],
  );
  const addresses: Record<string, string> = {};
  for (const secret of new Set(webhooks))
    addresses[secret] = `http://127.0.0.1:${await freePort()}/api/webhooks/sns`;
  for (const secret of new Set(lists)) addresses[secret] = `redis://127.0.0.1:${await freePort()}/0`;
  return addresses;
}

/** The format of RDS's own secrets. */
export function inRdsFormat({ host, port, user, password, database }: Connection): string {
  return JSON.stringify({ engine: 'postgres', host, port, username: user, password, dbname: database });
}
