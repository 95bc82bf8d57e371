import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { realpathSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { createAuthority } from 'certificate-authority';
import { type Connection, startPostgres } from 'local-postgres/start-postgres';
import pg from 'pg';
import { startRun } from '../../local/runs.ts';
import { loadSample } from '../../local/sample/load-sample.ts';
import type { DatabaseAccess } from '../../shared/database/access.ts';
import { type Figure, median } from './figure.ts';
import { startSink } from './sink.ts';

interface Cost {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakMiB: number;
  readonly storedBytes: number;
}

/**
 * A backup against the script of MailBlast's document (`pg_dump | gzip | openssl`), both of the same server, in turns. Ours
 * goes over HTTP into a sink and carries the whole manifest, fingerprints and all; theirs goes to a file.
 *
 * Needs `pg_dump`, `gzip`, `openssl` and the server of pg_dump's own version on PATH; the server's binaries are the ones
 * beside the real `initdb`.
 */
export async function benchBackup({ scale, rounds }: { scale: number; rounds: number }): Promise<Figure[]> {
  const run = await startRun();
  const sink = await startSink();
  try {
    const binaries = path.resolve(
      realpathSync(execFileSync('which', ['initdb'], { encoding: 'utf8' }).trim()),
      '../..',
    );
    const ca = await createAuthority('bench');
    const server = await startPostgres(run, { name: 'bench', binaries, ca });
    const owner = await server.createDatabase({ name: 'mailblast', owner: 'mailblast' });
    process.stderr.write(`loading MailBlast at scale ${scale} …\n`);
    await load(owner, scale);
    const { host, port, user: username, password, database: dbname } = owner;
    const access = { host, port, username, password, dbname, certificateAuthority: server.ca };
    const ours: Cost[] = [];
    const theirs: { seconds: number; bytes: number }[] = [];
    for (let round = 1; round <= rounds; round += 1) {
      process.stderr.write(`round ${round} of ${rounds} …\n`);
      theirs.push(await script(owner, path.join(run.folder, 'script.out')));
      ours.push(await takeOnce(access, sink.endpoint));
    }
    const of = <T>(list: T[], figure: (each: T) => number) => median(list.map(figure));
    const seconds = of(theirs, (each) => each.seconds);
    return [
      {
        what: 'backup, wall seconds (pg_dump | gzip | openssl)',
        ours: of(ours, (each) => each.seconds),
        theirs: seconds,
        better: 'less',
      },
      {
        what: 'stored bytes',
        ours: of(ours, (each) => each.storedBytes),
        theirs: of(theirs, (each) => each.bytes),
        better: 'less',
      },
      {
        what: 'CPU seconds of the client',
        ours: of(ours, (each) => each.cpuSeconds),
        theirs: null,
        better: 'less',
      },
      {
        what: 'peak memory of the client, MiB',
        ours: of(ours, (each) => each.peakMiB),
        theirs: null,
        better: 'less',
      },
    ];
  } finally {
    sink.close();
    await run.stop();
  }
}

async function load(owner: Connection, scale: number): Promise<void> {
  const client = new pg.Client(owner);
  await client.connect();
  await loadSample(client, 'mailblast', { scale });
  await client.end();
}

async function script(owner: Connection, file: string): Promise<{ seconds: number; bytes: number }> {
  const start = performance.now();
  const line =
    'set -o pipefail; pg_dump | gzip | openssl enc -aes-256-cbc -salt -md sha256 -k bench 2>/dev/null > "$OUT"';
  const { host, port, user, password, database } = owner;
  const env = {
    PATH: process.env.PATH,
    OUT: file,
    PGHOST: host,
    PGPORT: String(port),
    PGUSER: user,
    PGPASSWORD: password,
    PGDATABASE: database,
  };
  const child = spawn('bash', ['-c', line], { env, stdio: ['ignore', 'inherit', 'inherit'] });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`the script of the document ended with code ${code}`);
  return { seconds: (performance.now() - start) / 1000, bytes: (await stat(file)).size };
}

export async function takeOnce(access: DatabaseAccess, endpoint: string): Promise<Cost> {
  const child = spawn(process.execPath, [path.join(import.meta.dirname, 'backup-once.ts')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdin.end(JSON.stringify({ access, endpoint, connections: 2 }));
  let printed = '';
  child.stdout.on('data', (chunk) => {
    printed += chunk;
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`the backup ended with code ${code}`);
  return JSON.parse(printed);
}
