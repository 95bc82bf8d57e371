import { CreateSecretCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Plan } from '../../shared/plan/schema.ts';
import type { Connection, PostgresServer } from '../postgres/start-postgres.ts';

/** The databases that a plan protects, made on the source server; by their name in the plan. */
export type Databases = Readonly<Record<string, Connection>>;

/**
 * Makes what the plan's secrets speak of, and writes them: each database with an owner that is no superuser, a
 * role on the scratch server that may create databases, and the authority that both servers' certificates come from.
 * A secret that several entries name is written once.
 */
export async function writePlanSecrets(
  client: SecretsManagerClient,
  plan: Plan,
  { source, scratch }: { source: PostgresServer; scratch: PostgresServer },
): Promise<Databases> {
  const secrets = new Map<string, string>();
  const databases: Record<string, Connection> = {};
  for (const [name, { secret, certificateAuthority, restoreTest }] of Object.entries(plan.databases)) {
    const label = `${plan.workload}_${name}`.replaceAll('-', '_');
    const database = await source.createDatabase({ name: label, owner: label });
    databases[name] = database;
    if (!secrets.has(secret)) secrets.set(secret, inRdsFormat(database));
    secrets.set(certificateAuthority, source.ca);

    const { scratch: where } = restoreTest;
    if (!secrets.has(where.secret)) {
      const role = await scratch.createRole({ name: `${label}_scratch`, createDatabases: true });
      secrets.set(where.secret, inRdsFormat(role));
    }
    secrets.set(where.certificateAuthority, scratch.ca);
  }
  await Promise.all(
    [...secrets].map(([Name, SecretString]) => client.send(new CreateSecretCommand({ Name, SecretString }))),
  );
  return databases;
}

/** The format in which RDS keeps its own secrets. */
function inRdsFormat({ host, port, user, password, database }: Connection): string {
  return JSON.stringify({ engine: 'postgres', host, port, username: user, password, dbname: database });
}
