import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { serviceView } from '../../local/deploy/service-view.ts';
import { projectFolder, workFolder } from '../../local/folders.ts';
import { LifeboatError } from '../../shared/errors/lifeboat-error.ts';
import { ROLE_VARIABLE } from '../../shared/plan/stack-role.ts';
import type { Resources } from './changes.ts';
import type { PlannedStack } from './stacks.ts';

/** The build, the packaging or the deployment ended with an error. CloudFormation rolls back what it had begun. */
export class DeploymentFailed extends LifeboatError {
  override readonly name = 'DeploymentFailed';
  override readonly kind = 'unavailable';

  constructor(what: string, said: string) {
    super(`${what} failed:\n${said}`, {
      hint: 'Correct what it names and deploy again: what is deployed already stays as it is.',
    });
  }
}

/** Deploys the stacks of one plan by osls. */
export interface Deployer {
  /** Packages a stack and returns the resources of its template. @throws DeploymentFailed */
  package(stack: PlannedStack, settings?: Readonly<Record<string, string>>): Promise<Resources>;
  /** @param tell the newest line of the tool  @throws DeploymentFailed */
  deploy(stack: PlannedStack, tell: (line: string) => void): Promise<void>;
  remove(): Promise<void>;
}

/**
 * Bundles the functions with the plan, in a folder of its own: two deployments at once would package into the same one.
 *
 * @param environment with what AWS is called by
 * @param signal ends the tool that runs, and each that would be started; what CloudFormation was asked for goes on
 */
export async function openDeployer(
  planPath: string,
  stage: string,
  environment: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<Deployer> {
  await mkdir(workFolder, { recursive: true });
  const folder = await mkdtemp(path.join(workFolder, 'deploy-'));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    const view = await serviceView(projectFolder, path.join(folder, 'service'));
    const planned = { ...environment, LIFEBOAT_PLAN: path.resolve(planPath), CI: '1' };
    const node = (
      what: string,
      args: string[],
      cwd: string,
      env: NodeJS.ProcessEnv,
      tell?: (line: string) => void,
    ) => runNode(what, args, { cwd, env, signal, tell });
    await node('the build of the functions', [build, path.join(view, 'dist')], projectFolder, planned);
    const run = (
      { name, region, role }: PlannedStack,
      verb: string,
      more: object,
      tell?: (line: string) => void,
    ) =>
      node(
        `osls ${verb} of ${name} in ${region}`,
        [osls, verb, '--stage', stage, '--region', region],
        view,
        { ...planned, ...more, [ROLE_VARIABLE]: role },
        tell,
      );
    return {
      async package(stack, settings = {}) {
        await run(stack, 'package', settings);
        const template = path.join(view, '.serverless', 'cloudformation-template-update-stack.json');
        return JSON.parse(await readFile(template, 'utf8')).Resources;
      },
      deploy: (stack, tell) => run(stack, 'deploy', {}, tell),
      remove,
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

const build = path.join(projectFolder, 'build', 'bundle.ts');
const osls = path.join(projectFolder, 'node_modules', 'serverless', 'bin', 'serverless.js');

/** Lines of the tool's output that an error quotes. */
const QUOTED_LINES = 30;

async function runNode(
  what: string,
  args: readonly string[],
  {
    cwd,
    env,
    signal,
    tell = () => {},
  }: {
    cwd: string;
    env: NodeJS.ProcessEnv;
    signal: AbortSignal;
    tell?: ((line: string) => void) | undefined;
  },
): Promise<void> {
  signal.throwIfAborted();
  // In a group of its own: Ctrl-C in a terminal would reach it beside Lifeboat, and what it then says is no failure.
  const child = spawn(process.execPath, args, {
    cwd,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const end = () => child.pid !== undefined && process.kill(-child.pid, 'SIGKILL');
  signal.addEventListener('abort', end, { once: true });
  let said = '';
  const hear = (chunk: Buffer) => {
    said += chunk.toString('utf8');
    const line = said.trimEnd().split('\n').at(-1)?.trim();
    if (line) tell(line);
  };
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  const code = await new Promise<number | null>((resolve, reject) =>
    child.on('error', reject).on('close', resolve),
  );
  signal.removeEventListener('abort', end);
  signal.throwIfAborted();
  if (code !== 0) throw new DeploymentFailed(what, said.trim().split('\n').slice(-QUOTED_LINES).join('\n'));
}
