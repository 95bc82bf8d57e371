import path from 'node:path';
import { ROLE_VARIABLE, type StackRole } from '../../shared/plan/stack-role.ts';
import { type Account, type Clients, environmentOf } from '../account.ts';
import type { Caller } from '../gateway/calls.ts';
import type { Run } from '../runs.ts';
import { bucketSettings } from './bucket-settings.ts';
import { functionSettings } from './function-settings.ts';
import { functionsByAccessKey } from './functions.ts';
import { runOsls } from './run-osls.ts';
import { applySettings } from './settings.ts';
import { type DeployedStack, readStack } from './stack.ts';
import { tableSettings } from './table-settings.ts';
import { readTemplate } from './template.ts';

/** A stack on the local AWS that matches its template except for the settings listed in `ignored`. */
export interface Deployment {
  readonly stack: DeployedStack;
  readonly functions: ReadonlyMap<string, Caller>;
  readonly ignored: readonly string[];
}

/** Deploys a run's view into the account's Region with the real tool, then applies the settings that MiniStack's CloudFormation ignores. */
export async function deploy(
  run: Run,
  clients: Clients,
  account: Account,
  { view, planPath, role }: { view: string; planPath: string; role: StackRole },
): Promise<Deployment> {
  await runOsls(run, view, ['deploy', '--stage', 'local', '--region', account.region], {
    ...environmentOf(account),
    LIFEBOAT_PLAN: planPath,
    [ROLE_VARIABLE]: role,
  });
  const [stack, functions, resources] = await Promise.all([
    readStack(clients.cloudformation),
    functionsByAccessKey(clients.lambda),
    readTemplate(path.join(view, '.serverless', 'cloudformation-template-update-stack.json')),
  ]);
  const settings = [
    ...bucketSettings(clients.s3, account),
    ...tableSettings(clients.dynamodb),
    ...functionSettings(clients.lambda),
  ];
  const references = { ...account, physicalIds: stack.physicalIds };
  return { stack, functions, ignored: await applySettings(settings, resources, references) };
}
