import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { open } from 'node:fs/promises';
import { killGroupNow, killTree } from './kill.ts';

/** How a program ended: no code when a signal ended it or it could not be started. */
export interface Ended {
  readonly code: number | undefined;
  readonly reason: string;
}

/** A program that leads a process group of its own and writes to a log. */
export interface LoggedProcess {
  readonly pid: number | undefined;
  readonly logFile: string;
  /** Resolves when the program has ended or could not be started; never rejects. */
  readonly ended: Promise<Ended>;
  /** Kills it with all that it started; nothing when it has ended. */
  kill(): Promise<void>;
}

export type LoggedOptions = Omit<SpawnOptions, 'stdio' | 'detached'> & { env: NodeJS.ProcessEnv };

/**
 * Starts a program in a process group of its own, both outputs appended to one log file, no input. When it ends, by itself
 * or killed by another program, the rest of its group ends too: it could not be found later.
 */
export async function spawnLogged(
  command: string,
  args: readonly string[],
  logFile: string,
  options: LoggedOptions,
): Promise<LoggedProcess> {
  const log = await open(logFile, 'a');
  const child = spawn(command, args, { ...options, detached: true, stdio: ['ignore', log.fd, log.fd] });
  child.once('exit', () => child.pid !== undefined && killGroupNow(child.pid));
  const ended = whenEnded(child); // before the next await: a program that is not there says so at once
  await log.close();
  return {
    pid: child.pid,
    logFile,
    ended,
    async kill() {
      const running = child.exitCode === null && child.signalCode === null;
      if (child.pid !== undefined && running) await killTree(child.pid);
      await ended;
    },
  };
}

/** The end of a log, for an error's message. */
export async function lastLines(logFile: string, count = 20): Promise<string> {
  const text = await endOf(logFile).catch(() => '(no log was written)');
  return text.trimEnd().split('\n').slice(-count).join('\n');
}

/** A log may have grown to gigabytes; its end is enough. */
const LONGEST_END = 65_536;

async function endOf(file: string): Promise<string> {
  const log = await open(file, 'r');
  try {
    const { size } = await log.stat();
    const from = Math.max(0, size - LONGEST_END);
    const { buffer, bytesRead } = await log.read(Buffer.alloc(size - from), 0, size - from, from);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await log.close();
  }
}

function whenEnded(child: ChildProcess): Promise<Ended> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ code: undefined, reason: error.message }));
    child.once('exit', (code, signal) =>
      resolve({ code: code ?? undefined, reason: signal ? `signal ${signal}` : `exit code ${code}` }),
    );
  });
}
