import { execFile, execFileSync } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { appendFile, chown, mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { serverUser } from 'local-postgres/server-user';
import pg from 'pg';
import { freePort } from 'process-kit/free-port';
import type { LoggedProcess } from 'process-kit/spawn-logged';
import type { Run } from '../../local/runs.ts';

const run = promisify(execFile);

/** pgBackRest as it is installed here, with a cluster of a version that it knows. */
export interface PgBackRest {
  /** As the superuser, by TCP. */
  readonly connection: pg.ClientConfig;
  /** A full backup; the one before is expired. */
  backup(): Promise<void>;
  /** Into a new folder, recovered and answering; returns when a first query is answered, and how to end it. */
  restore(): Promise<() => Promise<void>>;
}

/** What a side needs and this machine lacks; the side is left out. */
export class NotInstalled extends Error {
  override readonly name = 'NotInstalled';

  constructor(program: string) {
    super(
      `${program} is not on PATH, so there is nothing to hold our figures against. Install it (Debian: pgbackrest, postgresql).`,
    );
  }
}

/**
 * Two processes, and no compression or encryption, as our copies have none: it is fastest so. Throws NotInstalled.
 */
export async function startPgBackRest(owner: Run): Promise<PgBackRest> {
  const binaries = path.dirname(realpathSync(programOnPath('initdb')));
  const program = programOnPath('pgbackrest');
  const at = (name: string) => path.join(owner.folder, name);
  const as = { ...serverUser(), env: { LANG: 'C', PATH: process.env.PATH }, cwd: owner.folder };
  const folder = async (name: string) => {
    await mkdir(at(name), { mode: 0o700 });
    const user = serverUser();
    if (user) await chown(at(name), user.uid, user.gid);
    return at(name);
  };
  for (const name of ['theirs', 'repository', 'lock', 'spool', 'socket']) await folder(name);
  const port = await freePort();
  const settings = at('pgbackrest.conf');
  await writeFile(
    settings,
    `[global]
repo1-path=${at('repository')}
repo1-retention-full=1
lock-path=${at('lock')}
spool-path=${at('spool')}
log-level-file=off
compress-type=none
process-max=2
start-fast=y
[bench]
pg1-path=${at('theirs')}
pg1-port=${port}
pg1-socket-path=${at('socket')}
pg1-user=bench
`,
  );
  const pgbackrest = (...args: string[]) =>
    run(program, [`--config=${settings}`, '--stanza=bench', ...args], as);

  await run(
    path.join(binaries, 'initdb'),
    ['-D', at('theirs'), '-U', 'bench', '-A', 'trust', '-k', '-E', 'UTF8', '-N'],
    as,
  );
  await appendFile(
    path.join(at('theirs'), 'postgresql.conf'),
    `archive_mode = on\narchive_command = '${program} --config=${settings} --stanza=bench archive-push %p'
unix_socket_directories = '${at('socket')}'\nmax_wal_size = '1GB'\nfsync = off\n`,
  );
  const connection = (on: number) => ({ host: '127.0.0.1', port: on, user: 'bench', database: 'postgres' });
  const start = async (data: string, on: number): Promise<LoggedProcess> => {
    const server = await owner.spawn(
      path.join(binaries, 'postgres'),
      ['-D', data, '-p', String(on)],
      `${path.basename(data)}.log`,
      as,
    );
    for (;;) {
      const client = new pg.Client(connection(on));
      try {
        await client.connect();
        const { rows } = await client.query('SELECT pg_is_in_recovery() AS recovering');
        if (!rows[0].recovering) return server;
      } catch (error) {
        if (server.pid === undefined) throw error;
      } finally {
        await client.end().catch(() => {});
      }
      await sleep(10);
    }
  };
  await start(at('theirs'), port);
  await pgbackrest('stanza-create');
  return {
    connection: connection(port),
    backup: async () => void (await pgbackrest('--type=full', 'backup')),
    async restore() {
      const data = await folder('theirs-restored');
      const target = ['--type=immediate', '--target-action=promote', '--archive-mode=off'];
      await pgbackrest(`--pg1-path=${data}`, ...target, 'restore');
      const server = await start(data, await freePort());
      return async () => {
        await server.kill();
        await rm(data, { recursive: true, force: true });
      };
    },
  };
}

function programOnPath(name: string): string {
  try {
    return execFileSync('which', [name], { encoding: 'utf8' }).trim();
  } catch {
    throw new NotInstalled(name);
  }
}
