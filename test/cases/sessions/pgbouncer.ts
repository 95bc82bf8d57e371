import { execFileSync, spawn } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createAuthority } from 'certificate-authority';
import type { Connection } from 'local-postgres/access';
import { serverUser } from 'local-postgres/server-user';
import type { PostgresServer } from 'local-postgres/start-postgres';
import { freePort } from 'process-kit/free-port';

export interface Pgbouncer {
  /** The same database, through the pooler. */
  readonly connection: Connection;
  stop(): Promise<void>;
}

/** Why tests that need pgbouncer are skipped, if they are. */
export const noPgbouncer = (() => {
  try {
    execFileSync('pgbouncer', ['--version'], {
      env: { PATH: `${process.env.PATH}:/usr/sbin` },
      stdio: 'ignore',
    });
    return undefined;
  } catch {
    return 'pgbouncer is not on PATH (apt-get install pgbouncer)';
  }
})();

/** Starts pgbouncer before one database, with TLS on both sides. */
export async function startPgbouncer(
  server: PostgresServer,
  database: Connection,
  settings: Record<string, string>,
): Promise<Pgbouncer> {
  const folder = await mkdtemp(path.join(tmpdir(), 'lifeboat-pgbouncer-'));
  await chmod(folder, 0o755);
  const ca = await createAuthority('pooler');
  const { certificate, key } = await ca.issueServer();
  const port = await freePort();
  const file = async (name: string, text: string) => {
    await writeFile(path.join(folder, name), text, { mode: 0o644 });
    return path.join(folder, name);
  };
  const lines = Object.entries({
    listen_addr: '127.0.0.1',
    listen_port: String(port),
    unix_socket_dir: '',
    auth_type: 'plain',
    auth_file: await file('users.txt', `"${database.user}" "${database.password}"\n`),
    client_tls_sslmode: 'require',
    client_tls_cert_file: await file('cert.pem', certificate),
    client_tls_key_file: await file('key.pem', key),
    server_tls_sslmode: 'verify-ca',
    server_tls_ca_file: await file('server-ca.pem', database.ssl.ca),
    ...settings,
  }).map(([name, value]) => `${name} = ${value}`);
  const target = `host=127.0.0.1 port=${server.superuser().port}`;
  const config = await file(
    'pgbouncer.ini',
    ['[databases]', `${database.database} = ${target}`, '[pgbouncer]', ...lines, ''].join('\n'),
  );
  const child = spawn('pgbouncer', [config], {
    ...serverUser(),
    env: { PATH: `${process.env.PATH}:/usr/sbin` },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let log = '';
  child.stderr.on('data', (chunk: Buffer) => {
    log += chunk.toString();
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  for (let tries = 0; !(await accepts(port)); tries += 1) {
    if (child.exitCode !== null || tries > 200) throw new Error(`pgbouncer did not start:\n${log}`);
    await sleep(25);
  }
  return {
    connection: { ...database, port, ssl: { ca: ca.certificate, rejectUnauthorized: true } },
    async stop() {
      child.kill('SIGKILL');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('close', () => socket.destroy());
    socket.once('connect', () => socket.destroy());
  });
}
