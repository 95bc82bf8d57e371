import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { type Authority, createAuthority } from 'certificate-authority';
import pg from 'pg';
import { type Run, startRun } from 'process-kit/run';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { postgresBinaries } from '../../binaries.ts';
import { type Connection, type PostgresServer, startPostgres } from '../../start-postgres.ts';

let runsFolder: string;
let run: Run;
let ca: Authority;
let server: PostgresServer;

beforeAll(async () => {
  runsFolder = await mkdtemp(path.join(os.tmpdir(), 'local-postgres-'));
  run = await startRun({ runsFolder, name: 'local-postgres' });
  ca = await createAuthority('a test');
  server = await startPostgres(run, { name: 'shop', binaries: await postgresBinaries(run.folder), ca });
}, 60_000);

afterAll(async () => {
  await run.stop();
  await rm(runsFolder, { recursive: true, force: true });
});

async function query(connection: pg.ClientConfig, sql: string): Promise<unknown[]> {
  const client = new pg.Client(connection);
  client.on('error', () => {}); // a server that is killed on purpose
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

let connection: Connection;

test('the owner of a new database works in it, and is not a superuser', async () => {
  connection = await server.createDatabase({ name: 'shop', owner: 'the "owner"' });
  await query(connection, 'CREATE TABLE orders AS SELECT 1 AS id');
  const sql = 'SELECT rolsuper FROM pg_roles WHERE rolname = current_user';
  expect(await query(connection, sql)).toEqual([{ rolsuper: false }]);
});

test('a client that trusts another authority refuses the server', async () => {
  const { certificate } = await createAuthority('another');
  await expect(query({ ...connection, ssl: { ca: certificate } }, 'SELECT 1')).rejects.toThrow(/certificate/);
});

test('a client without TLS is refused', async () => {
  await expect(query({ ...connection, ssl: false }, 'SELECT 1')).rejects.toThrow(/no encryption/);
});

test('a server that is killed has its rows when it starts again', async () => {
  await query(connection, 'INSERT INTO orders VALUES (2)');
  await server.kill();
  await expect(query(connection, 'SELECT 1')).rejects.toThrow(/ECONNREFUSED/);
  await server.start();
  expect(await query(connection, 'SELECT id FROM orders ORDER BY id')).toEqual([{ id: 1 }, { id: 2 }]);
});
