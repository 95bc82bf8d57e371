import { readFile } from 'node:fs/promises';
import http from 'node:http';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { caFileIn, endServersIn } from 'local-rds/folder';
import { rehearse } from 'local-rds/rehearsal';
import { lastLines } from 'process-kit/spawn-logged';
import { type Upstream, unixUpstream } from '../gateway/forward.ts';
import { socketIn } from '../ministack/start-ministack.ts';
import { sitePackages } from '../python/site-packages.ts';
import type { Run } from '../runs.ts';

/** The RDS of a run, as a separate program: started by the first request, stopped with the run. */
export interface RunRds {
  /** The API's endpoint; starts the program if it is not running. Throws RdsNotStarted. */
  upstream(): Promise<Upstream>;
  /**
   * Calls a rehearsal control (see README.md), and returns when it is done.
   * Throws RehearsalFailed, RdsNotStarted.
   */
  rehearse(control: string, input: Readonly<Record<string, unknown>>): Promise<unknown>;
  /** PEM of the CA that signed the certificates of all instances. Throws RdsNotStarted. */
  ca(): Promise<string>;
}

/** The program exited before it responded. */
export class RdsNotStarted extends Error {
  override readonly name = 'RdsNotStarted';

  constructor(reason: string, logFile: string, log: string) {
    super(`The local RDS did not start: ${reason}. Its log, ${logFile}, ends:\n${log}`);
  }
}

/** Its live data is 25 MiB; on a machine with much memory, the garbage collector would let the heap grow to five times that. */
const smallHeap = ['--max-semi-space-size=2', '--max-old-space-size=128'];

/** An RDS beside a run's MiniStack, which knows its callers and keys. Nothing starts before the first request. */
export function rdsOf(run: Run): RunRds {
  const at = (name: string) => path.join(run.folder, name);
  const [folder, socket, rehearsal] = [at('rds'), at('rds.sock'), at('rds-rehearsal.sock')];
  const upstream = unixUpstream(socket, 'rds.log');
  let started: Promise<void> | undefined;

  async function startNow(): Promise<void> {
    // Registered to run after the program has ended, for servers left behind when it was killed.
    run.onStop(() => endServersIn(folder).catch(() => {}));
    const script = path.join(import.meta.dirname, 'serve.js');
    const args = [...smallHeap, script, '--folder', folder, '--packages', await sitePackages()];
    args.push('--socket', socket, '--rehearsal', rehearsal, '--aws', socketIn(run.folder));
    const env = { PATH: process.env.PATH, HOME: run.folder, LANG: 'C.UTF-8' };
    const program = await run.spawn(process.execPath, args, 'rds.log', { env, cwd: run.folder });
    let ended: string | undefined;
    void program.ended.then(({ reason }) => {
      ended = reason;
      started = undefined; // the next request starts it again, with all the data it kept
    });
    while (!(await answers(rehearsal))) {
      if (ended !== undefined)
        throw new RdsNotStarted(ended, program.logFile, await lastLines(program.logFile));
      await sleep(20);
    }
  }

  function running(): Promise<void> {
    started ??= startNow().catch((error: Error) => {
      started = undefined;
      throw error;
    });
    return started;
  }

  return {
    async upstream() {
      await running();
      return upstream;
    },
    async rehearse(control, input) {
      await running();
      return rehearse({ socket: rehearsal }, control, input);
    },
    async ca() {
      await running();
      return readFile(caFileIn(folder), 'utf8');
    },
  };
}

/** The control endpoint listens last. */
function answers(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const request = http.get({ socketPath, path: '/', host: 'localhost' }, (answer) => {
      answer.resume();
      resolve(answer.statusCode === 200);
    });
    request.on('error', () => resolve(false)); // not listening yet
  });
}
