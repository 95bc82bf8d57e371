import { globSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Plan } from '../shared/plan/schema.ts';
import type { StackRole } from '../shared/plan/stack-role.ts';
import type { Statement } from './iam.ts';
import { camelCase, logicalId } from './named-resources.ts';
import { readYaml } from './read-part.ts';

/** A Lambda, as listed in `functions/<capability>/functions.yml`. */
export interface Lambda {
  /** For example `copy-database`: the file of its handler, the folder of its bundle, the end of its deployed name. */
  readonly name: string;
  /** Its folder in `functions/`. */
  readonly capability: string;
  /** With placeholders for service and stage, which osls fills in. */
  readonly deployedName: string;
  /** The logical id of its role, for example `CopyDatabaseRole`. */
  readonly role: string;
  readonly settings: LambdaSettings;
}

/** A Lambda's entry in `functions.yml`, in the Serverless Framework's format. */
export interface LambdaSettings {
  readonly description: string;
  /** In MB. `plan`: what the plan gives the functions that move whole databases. */
  readonly memorySize: number | 'plan';
  /** In seconds. */
  readonly timeout: number;
  readonly environment?: Readonly<Record<string, unknown>>;
  /** `plan`: the Lambda runs in the network that the plan names. */
  readonly vpc?: 'plan';
  /** Schedules or topics start the Lambda, and nothing waits for its answer. */
  readonly startedBy?: 'events';
}

/**
 * A Lambda's permissions, besides writing its log and joining its network.
 * Each `permissions.ts` exports one for each Lambda. The role of the stack is for those that work in another Region than the primary.
 */
export type Permissions = (plan: Plan, role: StackRole) => Statement[];

const folder = path.resolve(import.meta.dirname, '..', 'functions');

/** Every Lambda of every capability. A new folder in `functions/` is deployed without being listed elsewhere. */
export function readLambdas(): Lambda[] {
  return globSync('*/functions.yml', { cwd: folder })
    .sort()
    .flatMap((file) =>
      Object.entries(readYaml<Record<string, LambdaSettings>>(path.join(folder, file))).map(
        ([name, settings]) => ({
          name,
          capability: path.dirname(file),
          deployedName: `\${self:service}-\${sls:stage}-${name}`,
          role: `${logicalId(name)}Role`,
          settings,
        }),
      ),
    );
}

/** The permissions of a Lambda. @throws Error if its capability's `permissions.ts` does not export them */
export async function readPermissions({ name, capability }: Lambda): Promise<Permissions> {
  const file = path.join(folder, capability, 'permissions.ts');
  const permissions: Record<string, Permissions | undefined> = await import(pathToFileURL(file).href);
  const found = permissions[camelCase(name)];
  if (found === undefined) throw new Error(`${file} exports no function ${camelCase(name)}`);
  return found;
}
