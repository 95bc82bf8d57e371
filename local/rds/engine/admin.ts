import pg from 'pg';
import type { KeyPair } from './certificates.ts';

/** How an internal user logs in: by a certificate that only the engine holds. */
export interface Login extends KeyPair {
  readonly user: string;
  /** PEM of the authority of the server. */
  readonly ca: string;
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
    ssl: { ca: login.ca, cert: login.certificate, key: login.key, rejectUnauthorized: true },
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
