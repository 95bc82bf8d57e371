import {
  CreateFunctionCommand,
  InvokeCommand,
  LambdaClient,
  waitUntilFunctionActiveV2,
} from '@aws-sdk/client-lambda';
import { projectFolder } from '../../../local/folders.ts';
import { zipFile } from '../../../local/functions/zip-file.ts';
import type { Identity } from '../targets/account.ts';

/** Sends the command that it is told, as its own role, and answers what came of it. */
const CALLER = `
import { createRequire } from 'node:module';
const sdk = createRequire(${JSON.stringify(`${projectFolder}/package.json`)})('@aws-sdk/client-rds');
export const handler = async ({ command, input, region }) => {
  const client = new sdk.RDSClient({ region, maxAttempts: 1 });
  try {
    const { $metadata, ...answer } = await client.send(new sdk[command + 'Command'](input));
    return { answer };
  } catch (error) {
    return { error: { name: error.name, message: error.message } };
  } finally {
    client.destroy();
  }
};
`;

/** What came of a call to RDS. */
export interface Outcome {
  readonly answer?: Record<string, unknown>;
  readonly error?: { readonly name: string; readonly message: string };
}

/** Makes a function that calls RDS as a role. @returns calls it */
export async function callerAs(owner: Identity, FunctionName: string, Role: string) {
  const lambda = new LambdaClient(owner);
  await lambda.send(
    new CreateFunctionCommand({
      FunctionName,
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      Role,
      Timeout: 60,
      Code: { ZipFile: zipFile('index.mjs', CALLER) },
    }),
  );
  await waitUntilFunctionActiveV2({ client: lambda, maxWaitTime: 30 }, { FunctionName });
  return async (command: string, input: object = {}, region = owner.region): Promise<Outcome> => {
    const Payload = JSON.stringify({ command, input, region });
    const answer = await lambda.send(new InvokeCommand({ FunctionName, Payload }));
    return JSON.parse(Buffer.from(answer.Payload ?? []).toString()) as Outcome;
  };
}
