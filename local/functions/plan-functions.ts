import { CreateFunctionCommand, type LambdaClient, waitUntilFunctionActiveV2 } from '@aws-sdk/client-lambda';
import { build } from 'esbuild';
import { LifeboatError } from '../../shared/errors/lifeboat-error.ts';
import type { Plan } from '../../shared/plan/schema.ts';
import { zipFile } from './zip-file.ts';

/** A function that was asked for cannot stand in for one of the plan. */
export class FunctionUnusable extends LifeboatError {
  override readonly name = 'FunctionUnusable';
  override readonly kind = 'usage';
}

/** A person's own function: the file with its handler, by the function's name in the plan. */
export type OwnFunctions = Readonly<Record<string, string>>;

/** Accepts every event, and shows it in the function's log. */
const ACCEPTS_ALL = 'export const handler = async (event) => { console.log(JSON.stringify(event)); };\n';

const TIMEOUT_SECONDS = 60;

/** The names of the functions that replays of a plan deliver to. */
export function functionsOf({ replays }: Plan): string[] {
  const names = Object.values(replays).flatMap(({ target }) =>
    'function' in target ? [target.function.name] : [],
  );
  return [...new Set(names)];
}

/**
 * Creates the functions that the plan's replays deliver to: a person's own, bundled with what it imports, or one that accepts
 * every event.
 *
 * @throws FunctionUnusable for a function that the plan does not have, or a file that cannot be bundled or has no handler
 */
export async function createPlanFunctions(
  lambda: LambdaClient,
  { plan, role, own }: { plan: Plan; role: string; own: OwnFunctions },
): Promise<void> {
  const names = functionsOf(plan);
  const stranger = Object.keys(own).find((name) => !names.includes(name));
  if (stranger !== undefined)
    throw new FunctionUnusable(
      `no replay of ${plan.workload} delivers to a function "${stranger}"; ${names.length > 0 ? `they deliver to: ${names.join(', ')}` : 'none delivers to a function'}`,
    );
  await Promise.all(
    names.map(async (FunctionName) => {
      const file = own[FunctionName];
      await lambda.send(
        new CreateFunctionCommand({
          FunctionName,
          Runtime: 'nodejs24.x',
          Handler: 'index.handler',
          Role: role,
          Timeout: TIMEOUT_SECONDS,
          Code: { ZipFile: zipFile('index.mjs', file === undefined ? ACCEPTS_ALL : await bundled(file)) },
        }),
      );
      await waitUntilFunctionActiveV2({ client: lambda, maxWaitTime: 30 }, { FunctionName });
    }),
  );
}

async function bundled(file: string): Promise<string> {
  let built: Awaited<ReturnType<typeof bundle>>;
  try {
    built = await bundle(file);
  } catch (cause) {
    throw new FunctionUnusable(`the function ${file} cannot be bundled: ${(cause as Error).message}`, {
      cause,
    });
  }
  const [output] = built.outputFiles;
  const exported = Object.values(built.metafile.outputs).flatMap(({ exports }) => exports);
  if (!output || !exported.includes('handler'))
    throw new FunctionUnusable(
      `the function ${file} exports no "handler"; it exports: ${exported.join(', ') || 'nothing'}`,
    );
  return output.text;
}

const bundle = (file: string) =>
  build({
    entryPoints: [file],
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    write: false,
    metafile: true,
    logLevel: 'silent',
    banner: {
      js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
    },
  });
