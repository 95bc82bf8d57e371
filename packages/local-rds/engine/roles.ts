import pg from 'pg';
import type { AdminClient } from './engine.ts';

/** The superuser of every cluster, named as on RDS. */
export const ADMIN = 'rdsadmin';
/** What standbys log in as. */
export const REPLICATOR = 'rdsrepladmin';
/** The database of the superuser, closed to all others, as on RDS. */
export const ADMIN_DATABASE = 'rdsadmin';
const MASTER_ROLE = 'rds_superuser';

/** PostgreSQL, or RDS, does not allow a name. */
export class NameRefused extends Error {
  override readonly name = 'NameRefused';

  constructor(what: string, name: string, reason: string, options?: ErrorOptions) {
    super(`"${name}" cannot be the name of the ${what}: ${reason}. Choose another one.`, options);
  }
}

/** What every cluster has; done once, in the template. */
export async function makeInternalRoles(client: AdminClient): Promise<void> {
  await client.query(`CREATE ROLE ${REPLICATOR} LOGIN REPLICATION`);
  await client.query(`CREATE ROLE ${MASTER_ROLE} NOLOGIN`);
  for (const role of ['rds_password', 'rds_replication']) await client.query(`CREATE ROLE ${role} NOLOGIN`);
  await client.query(
    `GRANT pg_monitor, pg_signal_backend, pg_checkpoint, pg_use_reserved_connections, pg_create_subscription, pg_maintain,
       rds_password, rds_replication TO ${MASTER_ROLE} WITH ADMIN OPTION`,
  );
  await client.query(`CREATE DATABASE ${ADMIN_DATABASE}`);
  await client.query(`REVOKE ALL ON DATABASE ${ADMIN_DATABASE} FROM PUBLIC`);
}

/** The master user: no superuser, but what RDS lets its own do. Throws NameRefused. */
export async function makeMaster(
  client: AdminClient,
  { user, password, database }: { user: string; password: string; database: string | undefined },
): Promise<void> {
  const master = pg.escapeIdentifier(user);
  // A statement that fails is written to the server's log, and this one holds the password.
  await client.query("SET log_min_error_statement = 'panic'");
  await refusing('master user', user, () =>
    client.query(`CREATE ROLE ${master} LOGIN CREATEDB CREATEROLE PASSWORD ${pg.escapeLiteral(password)}`),
  );
  await client.query(`GRANT ${MASTER_ROLE} TO ${master} WITH ADMIN OPTION`);
  await client.query(`ALTER DATABASE postgres OWNER TO ${master}`);
  if (database === undefined || database === 'postgres') return;
  await refusing('database', database, () =>
    client.query(`CREATE DATABASE ${pg.escapeIdentifier(database)} OWNER ${master}`),
  );
}

export async function setPassword(client: AdminClient, user: string, password: string): Promise<void> {
  await client.query("SET log_min_error_statement = 'panic'");
  await client.query(`ALTER ROLE ${pg.escapeIdentifier(user)} PASSWORD ${pg.escapeLiteral(password)}`);
}

/** Reserved names and names that exist are the caller's mistake; anything else is not. */
async function refusing(what: string, name: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    if (!['42939', '42710', '42P04', '42602', '42622'].includes(code ?? '')) throw error;
    throw new NameRefused(what, name, message, { cause: error });
  }
}
