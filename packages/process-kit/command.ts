import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/** What a command printed and how it ended. */
export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command line, run by the shell in this process's folder as a person would type it there. */
export class Command {
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;
  stdout = '';
  stderr = '';

  constructor(line: string, environment: Readonly<Record<string, string>> = {}) {
    // What vitest sets for itself, and the AWS settings of the person who runs the tests, are not passed on.
    const { PATH, HOME, LANG } = process.env;
    this.#child = spawn('bash', ['-c', line], {
      env: { PATH, HOME, LANG, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true, // its own group, which Ctrl-C reaches as a whole
    });
    this.#child.stdout?.on('data', (chunk) => {
      this.stdout += chunk;
    });
    this.#child.stderr?.on('data', (chunk) => {
      this.stderr += chunk;
    });
    this.#ended = once(this.#child, 'close');
  }

  /** Resolves when the pattern stands in what was printed; throws when the command ends without it. */
  async printed(pattern: RegExp): Promise<void> {
    let over = false;
    void this.#ended.then(() => {
      over = true;
    });
    while (!pattern.test(this.stdout)) {
      if (over) throw new Error(`ended without printing ${pattern}:\n${this.stdout}\n${this.stderr}`);
      await Promise.race([once(this.#child.stdout ?? this.#child, 'data'), this.#ended]);
    }
  }

  /** As Ctrl-C in a terminal: the signal goes to the whole group. Nothing once it has ended. */
  interrupt(): void {
    if (this.#child.pid && this.#child.exitCode === null && this.#child.signalCode === null)
      process.kill(-this.#child.pid, 'SIGINT');
  }

  async outcome(): Promise<Outcome> {
    await this.#ended;
    return { code: this.#child.exitCode, stdout: this.stdout, stderr: this.stderr };
  }
}

/** Runs a command line to its end. */
export function run(line: string, environment?: Readonly<Record<string, string>>): Promise<Outcome> {
  return new Command(line, environment).outcome();
}
