import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { open, readFile } from 'node:fs/promises';

/** Starts a program in a process group of its own, both outputs appended to one log file, no input. */
export async function spawnLogged(
  command: string,
  args: readonly string[],
  logFile: string,
  options: Omit<SpawnOptions, 'stdio' | 'detached'> & { env: NodeJS.ProcessEnv },
): Promise<ChildProcess> {
  const log = await open(logFile, 'a');
  try {
    const output = log.fd;
    return spawn(command, args, { ...options, detached: true, stdio: ['ignore', output, output] });
  } finally {
    await log.close();
  }
}

/** How a program ended: `undefined` code when a signal ended it or it could not be started. */
export interface Ended {
  readonly code: number | undefined;
  readonly reason: string;
}

/** Resolves once, when the program has ended or could not be started; never rejects. */
export function ended(child: ChildProcess): Promise<Ended> {
  if (child.exitCode !== null)
    return Promise.resolve({ code: child.exitCode, reason: `exit code ${child.exitCode}` });
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ code: undefined, reason: error.message }));
    child.once('exit', (code, signal) =>
      resolve({ code: code ?? undefined, reason: signal ? `signal ${signal}` : `exit code ${code}` }),
    );
  });
}

/** The end of a log, for an error's message. */
export async function lastLines(logFile: string, count = 20): Promise<string> {
  const text = await readFile(logFile, 'utf8').catch(() => '(no log was written)');
  return text.trimEnd().split('\n').slice(-count).join('\n');
}
