import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Authority } from 'certificate-authority';
import pg from 'pg';
import { freePort } from 'process-kit/free-port';
import { signal } from 'process-kit/kill';
import type { Run } from 'process-kit/run';
import { type LoggedProcess, lastLines } from 'process-kit/spawn-logged';
import { createCluster } from './create-cluster.ts';
import { serverUser } from './server-user.ts';

/** How to connect, as data: what `pg.Client` takes and what goes into a secret. */
export interface Connection {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  readonly ssl: { readonly ca: string; readonly rejectUnauthorized: true };
}

/** A PostgreSQL 18 server of this run. */
export interface PostgresServer {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly dataFolder: string;
  readonly logFile: string;
  /** PEM of the authority that signed the server's certificate. */
  readonly ca: string;
  /** As the superuser. For setting up and looking into, never for what is under test. */
  superuser(database?: string): Connection;
  /** A login role, not a superuser, that owns a new database. Names are quoted, so any will do. */
  createDatabase(wanted: { name: string; owner: string; password?: string }): Promise<Connection>;
  /** A login role, not a superuser, that may create databases and owns none yet. */
  createRole(wanted: { name: string; password?: string; createDatabases: boolean }): Promise<Connection>;
  /** Again on the same data and port, after `stop` or `kill`. */
  start(): Promise<void>;
  /** PostgreSQL's fast shutdown: clients are thrown out, data is written. */
  stop(): Promise<void>;
  /** As a power cut: SIGKILL to the server and all its backends. */
  kill(): Promise<void>;
}

/** The server ended before it answered. */
export class PostgresNotStarted extends Error {
  override readonly name = 'PostgresNotStarted';

  constructor(name: string, reason: string, logFile: string, log: string) {
    super(`PostgreSQL "${name}" did not start: ${reason}. Its log, ${logFile}, ends:\n${log}`);
  }
}

/** Creates a cluster in the run's folder and starts its server; the run stops it. */
export async function startPostgres(
  run: Run,
  { name, binaries, ca }: { name: string; binaries: string; ca: Authority },
): Promise<PostgresServer> {
  // 0711 for the same reason as the run's folder: the server's own user must pass.
  const folder = path.join(run.folder, name);
  await mkdir(folder, { recursive: true, mode: 0o711 });
  const dataFolder = path.join(folder, 'data');
  const logFile = path.join(run.folder, `${name}.log`);
  const superuser = { user: 'local_admin', password: newPassword() };
  const port = await freePort();
  await createCluster({
    binaries,
    dataFolder,
    port,
    ca,
    superuser: superuser.user,
    password: superuser.password,
  });

  const connection = (user: string, password: string, database: string): Connection => ({
    host: '127.0.0.1',
    port,
    user,
    password,
    database,
    ssl: { ca: ca.certificate, rejectUnauthorized: true },
  });
  let server: LoggedProcess | undefined;

  const self: PostgresServer = {
    name,
    host: '127.0.0.1',
    port,
    dataFolder,
    logFile,
    ca: ca.certificate,
    superuser: (database = 'postgres') => connection(superuser.user, superuser.password, database),
    async createRole({ name: role, password = newPassword(), createDatabases }) {
      const may = createDatabases ? 'CREATEDB' : 'NOCREATEDB';
      await query(
        self.superuser(),
        `CREATE ROLE ${quote(role)} LOGIN NOSUPERUSER ${may} PASSWORD ${literal(password)}`,
      );
      return connection(role, password, 'postgres');
    },
    async createDatabase({ name: database, owner, ...rest }) {
      const { password } = await self.createRole({ ...rest, name: owner, createDatabases: false });
      await query(self.superuser(), `CREATE DATABASE ${quote(database)} OWNER ${quote(owner)}`);
      return connection(owner, password, database);
    },
    async start() {
      const program = path.join(binaries, 'bin', 'postgres');
      const options = { ...serverUser(), env: { LANG: 'C', PATH: process.env.PATH }, cwd: folder };
      server = await run.spawn(program, ['-D', dataFolder], `${name}.log`, options);
      await untilReady(server, self);
    },
    async stop() {
      if (server?.pid !== undefined) signal(server.pid, 'SIGINT');
      await server?.ended;
    },
    async kill() {
      await server?.kill();
    },
  };
  await self.start();
  return self;
}

async function untilReady({ ended }: LoggedProcess, server: PostgresServer): Promise<void> {
  let death: string | undefined;
  void ended.then(({ reason }) => {
    death = reason;
  });
  for (;;) {
    try {
      return await query(server.superuser(), 'SELECT 1');
    } catch (error) {
      if (death !== undefined) {
        throw new PostgresNotStarted(server.name, death, server.logFile, await lastLines(server.logFile));
      }
      const code = String((error as { code?: unknown }).code);
      // Not listening yet, or "the database system is starting up".
      if (code !== 'ECONNREFUSED' && code !== '57P03' && code !== 'ECONNRESET') throw error;
      await sleep(30);
    }
  }
}

async function query(connection: Connection, sql: string): Promise<void> {
  const client = new pg.Client(connection);
  client.on('error', () => {}); // a server that goes away is noticed by the query's own rejection
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

const newPassword = () => randomBytes(24).toString('base64url');
const quote = pg.escapeIdentifier;
const literal = pg.escapeLiteral;
