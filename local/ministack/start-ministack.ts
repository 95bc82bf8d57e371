import { writeFile } from 'node:fs/promises';
import http from 'node:http';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { lastLines } from 'process-kit/spawn-logged';
import { nodeBinFolder } from '../folders.ts';
import type { Run } from '../runs.ts';

/** MiniStack exited before it responded, or did not respond in time. */
export class MiniStackNotStarted extends Error {
  override readonly name = 'MiniStackNotStarted';
  readonly logFile: string;

  constructor(reason: string, logFile: string, log: string) {
    super(`MiniStack did not start: ${reason}. Its log, ${logFile}, ends:\n${log}`);
    this.logFile = logFile;
  }
}

/** A running MiniStack: its socket and its log. */
export interface MiniStack {
  readonly socketPath: string;
  readonly logFile: string;
}

/** The socket of a run's MiniStack; known before it starts. */
export const socketIn = (runFolder: string) => path.join(runFolder, 'ministack.sock');

const startLimitMs = 60_000;

/**
 * Starts MiniStack with IAM enforced, on a Unix socket in the run's folder. It advertises `gatewayPort` in queue URLs
 * and gives it to Lambdas as their endpoint, so that no call bypasses the gateway.
 */
export async function startMiniStack(
  run: Run,
  {
    python,
    gatewayPort,
    region,
    waitScale,
  }: { python: string; gatewayPort: number; region: string; waitScale: number },
): Promise<MiniStack> {
  const socketPath = socketIn(run.folder);
  // Only the gateway closes keep-alive connections: if both sides did, a call could hit a closing one.
  const args = ['-m', 'hypercorn', 'serve:app', '--bind', `unix:${socketPath}`, '--keep-alive', '86400'];
  const env = environment(run.folder, gatewayPort, region, waitScale);
  // MiniStack runs Node functions through a CommonJS `_worker.js` in its TMPDIR. Under this project's package.json
  // ("module") Node would load it as ESM, and every function would exit before it responds.
  await writeFile(path.join(run.folder, 'package.json'), '{ "type": "commonjs" }\n');
  const { logFile, ended } = await run.spawn(python, args, 'ministack.log', { env, cwd: run.folder });

  const starting = new AbortController();
  const failed = (reason: string) =>
    lastLines(logFile).then((log) => starting.abort(new MiniStackNotStarted(reason, logFile, log)));
  void ended.then(({ reason }) => failed(reason));
  const limit = setTimeout(() => void failed(`no answer in ${startLimitMs / 1000} s`), startLimitMs);
  await untilHealthy(socketPath, starting.signal).finally(() => clearTimeout(limit));
  return { socketPath, logFile };
}

/** Nothing from the caller's environment: MiniStack passes its own to every Lambda. */
function environment(
  folder: string,
  gatewayPort: number,
  region: string,
  waitScale: number,
): NodeJS.ProcessEnv {
  return {
    PATH: [nodeBinFolder, process.env.PATH].join(path.delimiter),
    HOME: folder,
    TMPDIR: folder,
    LANG: 'C.UTF-8',
    AUTH: 'true',
    GATEWAY_PORT: String(gatewayPort),
    MINISTACK_HOST: '127.0.0.1',
    MINISTACK_REGION: region,
    SFN_WAIT_SCALE: String(waitScale),
    PYTHONPATH: import.meta.dirname, // serve.py
    PYTHONDONTWRITEBYTECODE: '1',
    STATE_DIR: path.join(folder, 'state'),
    S3_DATA_DIR: path.join(folder, 's3'),
    // No listeners on fixed ports, and no access to this machine's Docker daemon.
    SFTP_ENABLED: '0',
    IOT_MTLS_ENABLED: '0',
    DOCKER_HOST: `unix://${path.join(folder, 'no-docker.sock')}`,
  };
}

async function untilHealthy(socketPath: string, starting: AbortSignal): Promise<void> {
  while (!(await isHealthy(socketPath))) {
    starting.throwIfAborted();
    await sleep(50);
  }
}

function isHealthy(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const request = http.get({ socketPath, path: '/_ministack/health' }, (answer) => {
      answer.resume();
      resolve(answer.statusCode === 200);
    });
    request.on('error', () => resolve(false)); // not listening yet
  });
}
