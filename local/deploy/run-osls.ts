import path from 'node:path';
import { lastLines } from 'process-kit/spawn-logged';
import { nodeBinFolder, projectFolder } from '../folders.ts';
import type { Run } from '../runs.ts';

/** `osls deploy` failed. */
export class DeployFailed extends Error {
  override readonly name = 'DeployFailed';
  readonly logFile: string;

  constructor(service: string, reason: string, logFile: string, log: string) {
    super(
      `Deploying ${service} to the local AWS failed (${reason}). The end of ${logFile}:\n${log}\n` +
        'The template that was sent lies beside it, in service/.serverless/; the log of MiniStack is ministack.log.',
    );
    this.logFile = logFile;
  }
}

const osls = path.join(projectFolder, 'node_modules', 'serverless', 'bin', 'serverless.js');

/** Runs the real deployment tool in `folder`. Of the caller's environment it receives only PATH. */
export async function runOsls(
  run: Run,
  folder: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<void> {
  const env = {
    PATH: [nodeBinFolder, process.env.PATH].join(path.delimiter),
    HOME: run.folder,
    TMPDIR: run.folder,
    CI: '1', // no progress animation in the log, no prompts
    // osls polls the stack's state every 5 s by default, which would be most of a local deployment's time.
    SLS_AWS_MONITORING_FREQUENCY: '250',
    ...environment,
  };
  const { ended, logFile } = await run.spawn(process.execPath, [osls, ...args], 'deploy.log', {
    cwd: folder,
    env,
  });
  const { code, reason } = await ended;
  if (code !== 0) throw new DeployFailed(folder, reason, logFile, await lastLines(logFile, 40));
}
