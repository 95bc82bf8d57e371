import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { type Authority, createAuthority } from 'certificate-authority';
import pg from 'pg';
import { type Run, startRun } from 'process-kit/run';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { postgresBinaries } from '../../binaries.ts';
import { majors, postgresRelease } from '../../release.ts';
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

test.each(majors)(
  'a server of PostgreSQL %i runs, and its release has the pg_dump of its version',
  async (major) => {
    const binaries = await postgresBinaries(run.folder, major);
    const started = await startPostgres(run, { name: `major-${major}`, binaries, ca });
    const owner = await started.createDatabase({ name: 'shop', owner: 'shop' });
    const [row] = await query(owner, "SELECT current_setting('server_version_num')::int / 10000 AS major");
    expect(row).toEqual({ major });
    const program = path.join(await postgresRelease(major), 'bin', 'pg_dump');
    expect(await promisify(execFile)(program, ['--version'])).toMatchObject({
      stdout: expect.stringMatching(new RegExp(`^pg_dump \\(PostgreSQL\\) ${major}\\.`)),
    });
    await started.stop();
  },
  120_000,
);
