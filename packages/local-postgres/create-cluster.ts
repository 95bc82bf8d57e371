import { execFile } from 'node:child_process';
import { chown, mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Authority } from 'certificate-authority';
import { serverUser } from './server-user.ts';

const run = promisify(execFile);

/** `initdb` refused. */
export class ClusterNotCreated extends Error {
  override readonly name = 'ClusterNotCreated';

  constructor(dataFolder: string, output: string, options: ErrorOptions) {
    super(
      `initdb did not create a PostgreSQL cluster in ${dataFolder}. It said:\n${output}\n` +
        'Expected: an empty folder owned by the user that the server runs as, and some 50 MB of free disk.',
      options,
    );
  }
}

/** A new cluster: data, certificate, settings. No server runs yet. */
export async function createCluster(cluster: {
  binaries: string;
  dataFolder: string;
  port: number;
  ca: Authority;
  superuser: string;
  password: string;
}): Promise<void> {
  const { binaries, dataFolder, superuser, password } = cluster;
  const passwordFile = `${dataFolder}.pw`;
  await mkdir(dataFolder, { recursive: true, mode: 0o700 });
  await give(dataFolder);
  await writeOwned(passwordFile, password);
  const options = [
    '--auth=scram-sha-256',
    '--data-checksums',
    '--encoding=UTF8',
    '--no-sync',
    '--no-instructions',
  ];
  try {
    await run(
      path.join(binaries, 'bin', 'initdb'),
      [
        '-D',
        dataFolder,
        '-U',
        superuser,
        `--pwfile=${passwordFile}`,
        ...options,
        ...(await localeOptions(binaries)),
      ],
      { ...serverUser(), cwd: dataFolder, env: { LANG: 'C', PATH: process.env.PATH } },
    );
  } catch (error) {
    throw new ClusterNotCreated(dataFolder, String((error as { stderr?: string }).stderr ?? error).trim(), {
      cause: error,
    });
  } finally {
    await rm(passwordFile, { force: true });
  }
  const { certificate, key } = await cluster.ca.issueServer();
  await Promise.all([
    writeOwned(path.join(dataFolder, 'server.crt'), certificate),
    writeOwned(path.join(dataFolder, 'server.key'), key),
    writeOwned(path.join(dataFolder, 'pg_hba.conf'), accessRules),
    writeOwned(path.join(dataFolder, 'postgresql.auto.conf'), settings(cluster.port)),
  ]);
}

/** The builtin locale is the same on every machine; before PostgreSQL 17 there was none. */
async function localeOptions(binaries: string): Promise<string[]> {
  const { stdout } = await run(path.join(binaries, 'bin', 'initdb'), ['--version']);
  return Number(/\d+/.exec(stdout)?.[0]) >= 17
    ? ['--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C']
    : ['--locale=C.UTF-8'];
}

/** Only encrypted connections, only by password: as RDS with `rds.force_ssl`. */
const accessRules = `# TYPE  DATABASE     USER  ADDRESS       METHOD
hostssl  all          all   127.0.0.1/32  scram-sha-256
hostssl  replication  all   127.0.0.1/32  scram-sha-256
`;

function settings(port: number): string {
  return `listen_addresses = '127.0.0.1'
port = ${port}
unix_socket_directories = ''
ssl = on
ssl_min_protocol_version = 'TLSv1.2'
max_connections = 100
shared_buffers = '128MB'
max_wal_size = '2GB'
wal_level = replica
autovacuum = on
timezone = 'UTC'
log_timezone = 'UTC'
log_line_prefix = '%m [%p] %q%u@%d '
# A copy on a laptop that lives as long as a drill: a power cut may have it. A killed server loses nothing by this,
# because what was written is in the kernel's cache already.
fsync = off
synchronous_commit = on
full_page_writes = on
`;
}

async function writeOwned(file: string, text: string): Promise<void> {
  await writeFile(file, text, { mode: 0o600 });
  await give(file);
}

async function give(file: string): Promise<void> {
  const user = serverUser();
  if (user) await chown(file, user.uid, user.gid);
}
