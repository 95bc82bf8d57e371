import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type * as z from 'zod';
import { readLambdas } from '../../resources/capabilities.ts';
import type { TaskContract } from '../../shared/lambda/task.ts';

/** The promises of `task()` in shared/lambda for every handler. */
interface Handler<Contract = TaskContract<z.ZodType, z.ZodType, z.ZodType>> {
  readonly contract: Contract;
}

/** A function's result, by the type of its handler: `Answer<typeof handler>`. */
export type Answer<Of extends Handler> = z.output<Of['contract']['output']>;

/** The contract of every function in functions/, by its name in a definition: `CopyDatabase`. */
export const contracts: ReadonlyMap<string, Handler['contract']> = await readContracts();

/** The placeholder ARN of a function in the tests. */
export const arnOf = (substitution: string): string =>
  `arn:aws:lambda:eu-west-1:123456789012:function:${substitution}`;

async function readContracts() {
  const folder = path.join(import.meta.dirname, '../../functions');
  const handlers = await Promise.all(
    readLambdas().map(async ({ name, capability }) => {
      const file = path.join(folder, capability, `${name}.ts`);
      return (await import(pathToFileURL(file).href)) as { handler: Handler };
    }),
  );
  return new Map(handlers.map(({ handler: { contract } }) => [pascalCase(contract.name), contract]));
}

function pascalCase(name: string): string {
  return name.replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase());
}
