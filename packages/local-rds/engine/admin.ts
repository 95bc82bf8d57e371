import { createSecureContext, type SecureContext } from 'node:tls';
import pg from 'pg';
import type { KeyPair } from './certificates.ts';

/** How an internal user logs in: by a certificate that only the engine holds. */
export interface Login extends KeyPair {
  readonly user: string;
  /** PEM of the authority of the server. */
  readonly ca: string;
}

/** Made once for each login: a context holds a megabyte outside of what the collector sees. */
const contexts = new WeakMap<Login, SecureContext>();

function contextOf(login: Login): SecureContext {
  const made = contexts.get(login);
  if (made) return made;
  const context = createSecureContext({ ca: login.ca, cert: login.certificate, key: login.key });
  contexts.set(login, context);
  return context;
}

/** Connects, works, and disconnects whatever happens. */
export async function withClient<T>(
  { login, port, database }: { login: Login; port: number; database: string },
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({
    host: '127.0.0.1',
    port,
    user: login.user,
    database,
    application_name: 'engine',
    ssl: { secureContext: contextOf(login), rejectUnauthorized: true },
  });
  // A server that is killed meanwhile ends the statement with an error; the event by itself would end this program.
  client.on('error', () => {});
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => {});
  }
}
