import { accessSync, constants } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createClient } from '@redis/client';
import type { KeyPair } from 'certificate-authority';
import { freePort } from 'process-kit/free-port';
import { type LoggedProcess, lastLines, spawnLogged } from 'process-kit/spawn-logged';
import { workFolder } from '../../../local/folders.ts';

/** The redis-server program, if it is on PATH. */
export const redisServer: string | null =
  (process.env.PATH ?? '')
    .split(path.delimiter)
    .map((folder) => path.join(folder, 'redis-server'))
    .find((file) => isExecutable(file)) ?? null;

/** Why tests that need it are skipped, if they are. */
export const noRedis =
  redisServer === null ? 'redis-server is not on PATH (apt-get install redis-server)' : undefined;

/** A separate Redis whose data survives a kill. */
export interface Redis {
  readonly url: string;
  readonly port: number;
  command(...words: string[]): Promise<unknown>;
  kill(): Promise<void>;
  /** Again, on the same data and port. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** @param settings of its configuration file; with a certificate it accepts only TLS, and without a port it picks one */
export async function startRedis(
  settings: Readonly<Record<string, string>> = {},
  { certificate, port: wanted }: { certificate?: KeyPair; port?: number } = {},
): Promise<Redis> {
  if (redisServer === null) throw new Error('redis-server is not on PATH');
  const program = redisServer;
  await mkdir(workFolder, { recursive: true });
  const folder = await mkdtemp(path.join(workFolder, 'redis-'));
  const port = wanted ?? (await freePort());
  if (certificate) {
    await writeFile(path.join(folder, 'server.crt'), certificate.certificate);
    await writeFile(path.join(folder, 'server.key'), certificate.key, { mode: 0o600 });
  }
  const listening: Record<string, string> = certificate
    ? {
        port: '0',
        'tls-port': String(port),
        'tls-cert-file': 'server.crt',
        'tls-key-file': 'server.key',
        'tls-auth-clients': 'no',
        'tls-ca-cert-file': 'server.crt',
      }
    : { port: String(port) };
  const all = {
    dir: folder,
    bind: '127.0.0.1',
    appendonly: 'yes',
    appendfsync: 'always',
    ...listening,
    ...settings,
  };
  const file = path.join(folder, 'redis.conf');
  await writeFile(
    file,
    Object.entries(all)
      .map(([name, value]) => `${name} ${value}\n`)
      .join(''),
  );
  const password = settings.requirepass;
  const scheme = certificate ? 'rediss' : 'redis';
  const url = `${scheme}://${password ? `:${encodeURIComponent(password)}@` : ''}127.0.0.1:${port}/0`;
  let server: LoggedProcess | undefined;

  async function command(...words: string[]): Promise<unknown> {
    const client = createClient({
      url,
      RESP: 2,
      socket: { reconnectStrategy: false, ...(certificate ? { tls: true, rejectUnauthorized: false } : {}) },
    });
    client.on('error', () => {});
    await client.connect();
    try {
      return await client.sendCommand(words);
    } finally {
      client.destroy();
    }
  }

  const self: Redis = {
    url,
    port,
    command,
    async start() {
      const logFile = path.join(folder, 'redis.log');
      server = await spawnLogged(program, [file], logFile, { cwd: folder, env: { PATH: process.env.PATH } });
      const over = server.ended.then(async ({ reason }) => {
        throw new Error(`redis-server ended (${reason}):\n${await lastLines(logFile)}`);
      });
      over.catch(() => {});
      const answers = async (): Promise<void> => {
        const answered = await command('PING').catch(() => null);
        // Redis has no readiness signal except its response, which is LOADING until its data is read.
        if (answered !== 'PONG') return new Promise((resolve) => setTimeout(resolve, 10)).then(answers);
      };
      await Promise.race([answers(), over]);
    },
    kill: async () => server?.kill(),
    async stop() {
      await server?.kill();
      await rm(folder, { recursive: true });
    },
  };
  try {
    await self.start();
  } catch (error) {
    await self.stop();
    throw error;
  }
  return self;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
