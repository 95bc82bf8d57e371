import pg from 'pg';
import { LifeboatError } from '../../errors/lifeboat-error.ts';
import type { DatabaseAccess } from '../access.ts';
import { DatabaseUnreachable } from '../engine.ts';
import { applySettings } from './session/apply-settings.ts';
import { refuseTransactionPooler } from './session/pooler.ts';
import { PINNED, type Settings } from './session/settings.ts';

/** NAT gateways and network load balancers drop a connection that was silent for 350 s, the kernel keeps silent for 7,200 s. */
const KEEPALIVE_AFTER_MS = 30_000;

/**
 * Opens a connection over TLS, verified against the plan's certificate authority and the host's name. Its settings are
 * Lifeboat's own, whatever the server, the database and the role have as defaults. The caller ends it.
 *
 * @param purpose shows in `pg_stat_activity.application_name`
 * @param settings what the session needs to have; verified by asking back
 * @throws DatabaseUnreachable when the server cannot be reached, refuses TLS or refuses the login
 * @throws SessionSettingRefused, PoolerSharesSessions
 */
export async function connect(
  access: DatabaseAccess,
  purpose: string,
  settings: Settings = PINNED,
): Promise<pg.Client> {
  const client = clientOf(access, purpose);
  try {
    await client.connect();
    await refuseTransactionPooler(client, () => clientOf(access, purpose));
    await applySettings(client, settings);
  } catch (cause) {
    await client.end().catch(() => {});
    if (cause instanceof LifeboatError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new DatabaseUnreachable(
      `database "${access.dbname}" at ${access.host}:${access.port} could not be connected to: ${reason}`,
      { cause },
    );
  }
  return client;
}

function clientOf(access: DatabaseAccess, purpose: string): pg.Client {
  const client = new pg.Client({
    host: access.host,
    port: access.port,
    user: access.username,
    password: access.password,
    database: access.dbname,
    ssl: { ca: access.certificateAuthority, rejectUnauthorized: true },
    application_name: `lifeboat ${purpose}`,
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEPALIVE_AFTER_MS,
  });
  // A connection lost while idle is reported by the next query; without a listener it would end the process.
  client.on('error', () => {});
  return client;
}

/** Runs `work` on a connection of its own and closes the connection afterwards, also if the work fails. */
export async function withConnection<T>(
  access: DatabaseAccess,
  purpose: string,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = await connect(access, purpose);
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => {});
  }
}
