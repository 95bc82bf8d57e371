import { execFile } from 'node:child_process';
import path from 'node:path';

export const projectFolder = path.resolve(import.meta.dirname, '../../..');
const entry = path.join(projectFolder, 'cli/lifeboat.js');

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

interface Where {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a program to its end, with nothing of this machine's AWS settings. */
export function execute(
  program: string,
  args: readonly string[],
  { cwd = projectFolder, env = {} }: Where = {},
): Promise<Outcome> {
  const bare = { PATH: process.env.PATH, HOME: '/nonexistent', AWS_EC2_METADATA_DISABLED: 'true' };
  return new Promise((resolve) => {
    execFile(program, args, { cwd, env: { ...bare, ...env } }, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
    );
  });
}

/** Runs the command line into pipes, as a script would. */
export function inPipes(args: readonly string[], where?: Where): Promise<Outcome> {
  return execute(process.execPath, [entry, ...args], where);
}

/** A real pseudo-terminal, and what is typed at it. */
interface Terminal extends Where {
  readonly columns?: number;
  readonly answer?: string;
  /** What is on the screen before the answer is typed. */
  readonly asked?: string;
}

/** Runs the command line at a terminal, and answers its question. */
export function atTerminal(args: readonly string[], terminal?: Terminal): Promise<Outcome> {
  return programAtTerminal([process.execPath, entry, ...args], terminal);
}

/** Runs any program at a terminal. Its exit code is 256 less the number of the signal that ended it. */
export function programAtTerminal(
  command: readonly string[],
  { columns = 100, answer = '', asked = '[y/N]', ...where }: Terminal = {},
): Promise<Outcome> {
  const script = path.join(import.meta.dirname, 'at-a-terminal.py');
  const env = { TERM: 'xterm-256color', ...where.env };
  return execute('python3', [script, String(columns), asked, answer, ...command], { ...where, env });
}

/** Runs a line in a shell, as a person pastes it. */
export function inShell(line: string, where?: Where): Promise<Outcome> {
  return execute('bash', ['-c', line], where);
}
