import { chmod, mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import pg from 'pg';
import type { Cluster, Engine } from '../../../engine/engine.ts';
import { openEngine } from '../../../engine/open-engine.ts';

export const MASTER = { user: 'postgres', password: "it's a master's" };

/** An engine in a folder of its own; both are gone when `close` returns. */
export interface TestEngine {
  readonly engine: Engine;
  readonly folder: string;
  /** A place for backups and the like. */
  at(name: string): string;
  cluster(id: string): Promise<Cluster>;
  close(): Promise<void>;
}

export async function engineForTest(): Promise<TestEngine> {
  const folder = await folderForTest();
  const engine = await openEngine({ folder: path.join(folder, 'engine') });
  return {
    engine,
    folder,
    at: (name) => path.join(folder, name),
    cluster: (id) => engine.createCluster({ id, master: MASTER, database: 'app' }),
    async close() {
      await engine.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The servers' user must be able to pass through. */
export async function folderForTest(): Promise<string> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'rds-engine-'));
  await chmod(folder, 0o711);
  return folder;
}

/** Connects as the master user, as a client would: by TLS, trusting the engine's authority alone. */
export async function connect(cluster: Cluster, more: pg.ClientConfig = {}): Promise<pg.Client> {
  const { host, port, ca } = cluster;
  const client = new pg.Client({ host, port, ...MASTER, database: 'app', ssl: { ca }, ...more });
  client.on('error', () => {}); // a server that is killed on purpose
  await client.connect();
  return client;
}

/** Works as the master user on the database `app`. */
export async function on<T>(cluster: Cluster, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = await connect(cluster);
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** The first column of the first row. */
export async function value(cluster: Cluster, sql: string, values: unknown[] = []): Promise<unknown> {
  return on(cluster, async (client) => {
    const { rows } = await client.query({ text: sql, values, rowMode: 'array' });
    return rows[0]?.[0];
  });
}

/** The first column of all rows. */
export async function column(cluster: Cluster, sql: string): Promise<unknown[]> {
  return on(cluster, async (client) =>
    (await client.query({ text: sql, rowMode: 'array' })).rows.map((row) => row[0]),
  );
}
