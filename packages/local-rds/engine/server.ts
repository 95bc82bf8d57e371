import { access, readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { serverUser } from 'local-postgres/server-user';
import { signal } from 'process-kit/kill';
import { lastLines, spawnLogged } from 'process-kit/spawn-logged';
import type { ServerEnd } from './engine.ts';

/** A running PostgreSQL server. */
export interface Server {
  readonly pid: number;
  readonly ended: Promise<ServerEnd>;
  /** Fast shutdown; resolves when it has ended. */
  stop(): Promise<void>;
  kill(): Promise<void>;
  /** Kills it, and its end is not expected. */
  crash(): Promise<void>;
  /** Makes it read its settings again; they are in effect some milliseconds later. */
  reload(): void;
}

/** The server ended before clients could connect. */
export class ServerNotStarted extends Error {
  override readonly name = 'ServerNotStarted';
  readonly log: string;

  constructor(id: string, reason: string, logFile: string, log: string) {
    super(`The server of cluster "${id}" did not start: ${reason}. Its log, ${logFile}, ends:\n${log}`);
    this.log = log;
  }
}

/** Started, and ready for clients: recovery is over, or a standby can be read. Throws ServerNotStarted. */
export async function startServer(o: {
  id: string;
  binaries: string;
  dataFolder: string;
  settingsFile: string;
  logFile: string;
  /** Libraries that are loaded before the C library. */
  preload?: readonly string[];
  signal?: AbortSignal | undefined;
}): Promise<Server> {
  o.signal?.throwIfAborted();
  const args = ['-D', o.dataFolder, '-c', `config_file=${o.settingsFile}`];
  const program = await spawnLogged(path.join(o.binaries, 'bin', 'postgres'), args, o.logFile, {
    ...serverUser(),
    // It writes a core into its working folder, and a replica's libpq looks for the user's home.
    cwd: o.dataFolder,
    env: {
      LANG: 'C',
      PATH: process.env.PATH,
      HOME: o.dataFolder,
      ...(o.preload && o.preload.length > 0 && { LD_PRELOAD: o.preload.join(':') }),
    },
  });
  let expected = false;
  let end: ServerEnd | undefined;
  const ended = program.ended.then(({ reason }) => {
    end = { expected, reason };
    return end;
  });
  const pid = program.pid ?? -1;
  const kill = async () => {
    expected = true;
    await program.kill();
  };
  while (end === undefined && !(await isReady(o.dataFolder, pid))) {
    if (o.signal?.aborted) {
      await kill();
      throw o.signal.reason;
    }
    await Promise.race([sleep(10), ended]);
  }
  if (end) throw new ServerNotStarted(o.id, end.reason, o.logFile, await lastLines(o.logFile));
  return {
    pid,
    ended,
    kill,
    crash: () => program.kill(),
    async stop() {
      expected = true;
      signal(pid, 'SIGINT');
      await ended;
    },
    reload: () => void signal(pid, 'SIGHUP'),
  };
}

/** The postmaster writes its state into the last line of this file; `pg_ctl -w` looks at the same. */
async function isReady(dataFolder: string, pid: number): Promise<boolean> {
  const lines = (await readFile(path.join(dataFolder, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n');
  return Number(lines[0]) === pid && lines[7]?.trim() === 'ready';
}

/** Whether the next start makes a standby of it. */
export function isStandby(dataFolder: string): Promise<boolean> {
  return access(path.join(dataFolder, 'standby.signal')).then(
    () => true,
    () => false,
  );
}
