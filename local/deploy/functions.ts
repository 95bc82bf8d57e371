import { createHash } from 'node:crypto';
import { type LambdaClient, paginateListFunctions } from '@aws-sdk/client-lambda';
import type { Caller } from '../gateway/calls.ts';

/**
 * The access key that each function calls with. MiniStack derives a session's key from the function and its role,
 * so the key is known before the function's first run.
 */
export async function functionsByAccessKey(client: LambdaClient): Promise<Map<string, Caller>> {
  const callers = new Map<string, Caller>();
  for await (const page of paginateListFunctions({ client }, {})) {
    for (const { FunctionName, FunctionArn, Role } of page.Functions ?? []) {
      if (!FunctionName || !FunctionArn || !Role) continue;
      const roleName = Role.slice(Role.lastIndexOf('/') + 1);
      callers.set(accessKeyOf(FunctionArn, Role), { functionName: FunctionName, roleName });
    }
  }
  return callers;
}

/** As in `execution_credentials` of MiniStack 1.5.33 (core/lambda_runtime.py). */
export function accessKeyOf(functionArn: string, roleArn: string): string {
  const digest = createHash('sha256').update(`${functionArn}:${roleArn}`).digest('hex');
  return `ASIA${digest.slice(0, 16).toUpperCase()}`;
}
