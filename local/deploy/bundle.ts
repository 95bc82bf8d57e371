import { access } from 'node:fs/promises';
import path from 'node:path';
import { lastLines } from 'process-kit/spawn-logged';
import { nodeBinFolder } from '../folders.ts';
import type { Run } from '../runs.ts';
import { DeployFailed } from './run-osls.ts';

/**
 * Builds the functions' code, with the plan in it, by the service's own build step if it has one. The result is written
 * to `dist` of the run's view, so that two runs with two plans do not deploy each other's bundles.
 */
export async function bundle(
  run: Run,
  serviceDirectory: string,
  view: string,
  planPath: string,
): Promise<void> {
  const step = path.join(serviceDirectory, 'build', 'bundle.ts');
  const exists = await access(step).then(
    () => true,
    () => false,
  );
  if (!exists) return;
  const env = {
    PATH: [nodeBinFolder, process.env.PATH].join(path.delimiter),
    HOME: run.folder,
    LIFEBOAT_PLAN: planPath,
  };
  const args = [step, path.join(view, 'dist')];
  const { ended, logFile } = await run.spawn(process.execPath, args, 'bundle.log', {
    cwd: serviceDirectory,
    env,
  });
  const { code, reason } = await ended;
  if (code !== 0) throw new DeployFailed(step, reason, logFile, await lastLines(logFile));
}
