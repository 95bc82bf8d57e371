import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { bundle } from '../../../build/bundle.ts';
import { serviceView } from '../../../local/deploy/service-view.ts';
import { projectFolder, workFolder } from '../../../local/folders.ts';
import { ROLE_VARIABLE, type StackRole } from '../../../shared/plan/stack-role.ts';

const run = promisify(execFile);

/** The template that would be sent to CloudFormation, as packaged by osls. */
export interface Packaged {
  readonly templateFile: string;
  readonly resources: Record<string, TemplateResource>;
  /** Removes the folder that contains the package. */
  remove(): Promise<void>;
}

export interface TemplateResource {
  readonly Type: string;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
  // biome-ignore lint/suspicious/noExplicitAny: the properties of every resource type of CloudFormation
  readonly Properties: any;
}

/** The vault of a standby stack that was deployed before. */
export const STANDBY = {
  LIFEBOAT_STANDBY_VAULT: 'lifeboat-standby-vault',
  LIFEBOAT_STANDBY_KEY: 'arn:aws:kms:us-west-2:123456789012:key/4f2c0b1e-0000-4000-8000-000000000000',
};

/** Packages the project for a plan and a role without network: osls receives no address of a listening server. */
export async function packageFor(plan: string, role: StackRole): Promise<Packaged> {
  await mkdir(workFolder, { recursive: true });
  const folder = await mkdtemp(path.join(workFolder, 'package-'));
  const view = await serviceView(projectFolder, path.join(folder, 'service'));
  const planPath = path.resolve(plan);
  await bundle({ planPath, outFolder: path.join(view, 'dist') });
  const osls = path.join(projectFolder, 'node_modules', 'serverless', 'bin', 'serverless.js');
  // A proxy on a closed port: a step that uses the network fails here, as it would offline.
  const offline = { HTTP_PROXY: 'http://127.0.0.1:9', HTTPS_PROXY: 'http://127.0.0.1:9' };
  const { PATH, HOME } = process.env;
  await run(process.execPath, [osls, 'package', '--stage', 'prod'], {
    cwd: view,
    env: { PATH, HOME, ...offline, ...STANDBY, LIFEBOAT_PLAN: planPath, [ROLE_VARIABLE]: role },
  });
  const templateFile = path.join(view, '.serverless', 'cloudformation-template-update-stack.json');
  const { Resources } = JSON.parse(await readFile(templateFile, 'utf8'));
  return { templateFile, resources: Resources, remove: () => rm(folder, { recursive: true }) };
}
