import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Authority } from 'certificate-authority';
import { freePort } from 'process-kit/free-port';
import { signal } from 'process-kit/kill';
import type { Run } from 'process-kit/run';
import { type LoggedProcess, lastLines } from 'process-kit/spawn-logged';
import { accessAs, type Connection, newPassword, type PostgresAccess, query } from './access.ts';
import { createCluster } from './create-cluster.ts';
import { serverUser } from './server-user.ts';

export type { Connection } from './access.ts';

/** A PostgreSQL 18 server of this run. */
export interface PostgresServer extends PostgresAccess {
  readonly name: string;
  readonly dataFolder: string;
  readonly logFile: string;
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
  const superuser: Connection = {
    host: '127.0.0.1',
    port: await freePort(),
    user: 'local_admin',
    password: newPassword(),
    database: 'postgres',
    ssl: { ca: ca.certificate, rejectUnauthorized: true },
  };
  await createCluster({
    binaries,
    dataFolder,
    port: superuser.port,
    ca,
    superuser: superuser.user,
    password: superuser.password,
  });
  return startOn(run, { name, binaries, folder, superuser });
}

/** Starts a server on a cluster that exists in `data` of the folder; the run stops it. */
export async function startOn(
  run: Run,
  where: { name: string; binaries: string; folder: string; superuser: Connection },
): Promise<PostgresServer> {
  const { name, binaries, folder, superuser } = where;
  const dataFolder = path.join(folder, 'data');
  let server: LoggedProcess | undefined;

  const self: PostgresServer = {
    ...accessAs(superuser),
    name,
    dataFolder,
    logFile: path.join(run.folder, `${name}.log`),
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
