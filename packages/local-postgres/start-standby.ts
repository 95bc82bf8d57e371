import { execFile } from 'node:child_process';
import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { freePort } from 'process-kit/free-port';
import type { Run } from 'process-kit/run';
import { type PostgresServer, startOn } from './start-postgres.ts';

/**
 * Starts a standby that follows a server by streaming replication. The server is stopped while its data is copied, so its
 * clients lose their connections. Passwords and roles are those of the server.
 */
export async function startStandby(
  run: Run,
  { name, binaries, primary }: { name: string; binaries: string; primary: PostgresServer },
): Promise<PostgresServer> {
  const folder = path.join(run.folder, name);
  const dataFolder = path.join(folder, 'data');
  const superuser = { ...primary.superuser(), port: await freePort() };
  await mkdir(folder, { recursive: true, mode: 0o711 });
  await primary.stop();
  try {
    await promisify(execFile)('cp', ['-a', primary.dataFolder, dataFolder]);
  } finally {
    await primary.start();
  }
  const { host, port, user, password } = primary.superuser();
  await appendFile(
    path.join(dataFolder, 'postgresql.auto.conf'),
    `port = ${superuser.port}
primary_conninfo = 'host=${host} port=${port} user=${user} password=${password} sslmode=require'
`,
  );
  await writeFile(path.join(dataFolder, 'standby.signal'), '');
  return startOn(run, { name, binaries, folder, superuser });
}
