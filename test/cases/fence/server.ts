import { createAuthority } from 'certificate-authority';
import type { Connection } from 'local-postgres/access';
import { type Major, postgresBinaries } from 'local-postgres/binaries';
import { type PostgresServer, startPostgres } from 'local-postgres/start-postgres';
import pg from 'pg';
import { afterAll, beforeAll } from 'vitest';
import { startRun } from '../../../local/runs.ts';
import type { LeaseFence } from '../../../shared/database/lease-fence.ts';
import { leaseFences } from '../../../shared/database/postgres/lease-fence/lease-fence.ts';
import { accessOf } from '../databases/servers.ts';

/** One server, for the tests of a file. Read what it returns inside a test. */
export function useServer(major: Major = 18): { readonly server: PostgresServer } {
  const started = {} as { server: PostgresServer };
  let stop = async () => {};
  beforeAll(async () => {
    const run = await startRun();
    stop = () => run.stop();
    const ca = await createAuthority('fences');
    const binaries = await postgresBinaries(run.folder, major);
    started.server = await startPostgres(run, { name: `fenced-${major}`, binaries, ca });
  }, 120_000);
  afterAll(() => stop());
  return started;
}

let made = 0;

/** A new database whose owner is no superuser, after its owner ran these statements. */
export async function newDatabase(
  server: PostgresServer,
  ...statements: readonly string[]
): Promise<Connection> {
  made += 1;
  const name = `app_${process.pid}_${made}`;
  const database = await server.createDatabase({ name, owner: name });
  const client = await session(database);
  for (const sql of statements) await client.query(sql);
  await client.end();
  return database;
}

/** A session as any application opens one. The test ends it. */
export async function session(where: Connection): Promise<pg.Client> {
  const client = new pg.Client(where);
  client.on('error', () => {});
  await client.connect();
  return client;
}

const never = new AbortController().signal;

/** What Lifeboat does with the fence of a database. */
export function withFence<T>(where: Connection, work: (fence: LeaseFence) => Promise<T>): Promise<T> {
  return leaseFences.use(accessOf(where), never, work);
}

export const tables = (...names: readonly string[]) => names.map((name) => ({ schema: 'public', name }));

/** Fences tables with a lease that ends so many milliseconds from now. */
export function fence(where: Connection, names: readonly string[], forMs = 60_000): Promise<void> {
  return withFence(where, async (one) =>
    one.install(tables(...names), new Date((await one.now()).getTime() + forMs)),
  );
}

/** What an application's statement comes to: `ok`, or the SQLSTATE. */
export async function answerTo(client: pg.Client, sql: string): Promise<string> {
  try {
    await client.query(sql);
    return 'ok';
  } catch (error) {
    return String((error as { code?: unknown }).code);
  }
}
