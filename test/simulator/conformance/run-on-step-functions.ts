import { randomUUID } from 'node:crypto';
import {
  CreateRoleCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  IAMClient,
  PutRolePolicyCommand,
} from '@aws-sdk/client-iam';
import {
  CreateFunctionCommand,
  DeleteFunctionCommand,
  LambdaClient,
  waitUntilFunctionActiveV2,
} from '@aws-sdk/client-lambda';
import { SFNClient } from '@aws-sdk/client-sfn';
import { conformanceCases } from './cases.ts';
import { deploymentPackage } from './deployment-package.ts';
import { runOnStepFunctions } from './on-step-functions.ts';
import { difference } from './outcome.ts';

/** The endpoint of Step Functions, Lambda and IAM, and the credentials to use. */
export interface Environment {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** Unexpected behaviour by case id; cases that agree are not in it. */
export type Differences = Readonly<Record<string, string>>;

/**
 * Runs every conformance case at once against one endpoint.
 * Creates its own role and function, and removes them afterwards.
 */
export async function runConformanceOnStepFunctions(environment: Environment): Promise<Differences> {
  const name = `conformance-${randomUUID()}`;
  const iam = new IAMClient(environment);
  const lambda = new LambdaClient(environment);
  const sfn = new SFNClient(environment);
  const roleArn = await createRole(iam, name);
  try {
    const functionArn = await createFunction(lambda, name, roleArn);
    try {
      const found = await Promise.all(
        conformanceCases.map(async (it) => {
          const actual = await runOnStepFunctions(sfn, functionArn, roleArn, it);
          return [it.id, difference(it.expected, actual)] as const;
        }),
      );
      return Object.fromEntries(
        found.flatMap(([id, sentence]) => (sentence === undefined ? [] : [[id, sentence]])),
      );
    } finally {
      await lambda.send(new DeleteFunctionCommand({ FunctionName: name }));
    }
  } finally {
    await iam.send(new DeleteRolePolicyCommand({ RoleName: name, PolicyName: name }));
    await iam.send(new DeleteRoleCommand({ RoleName: name }));
    for (const client of [iam, lambda, sfn]) client.destroy();
  }
}

/** One role for the machines and the function: the machines may invoke this function, and the function may do nothing. */
async function createRole(iam: IAMClient, name: string): Promise<string> {
  const trust = {
    Effect: 'Allow',
    Principal: { Service: ['states.amazonaws.com', 'lambda.amazonaws.com'] },
    Action: 'sts:AssumeRole',
  };
  const created = await iam.send(
    new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument: policy(trust) }),
  );
  const invoke = {
    Effect: 'Allow',
    Action: 'lambda:InvokeFunction',
    Resource: `arn:aws:lambda:*:*:function:${name}`,
  };
  await iam.send(
    new PutRolePolicyCommand({ RoleName: name, PolicyName: name, PolicyDocument: policy(invoke) }),
  );
  return created.Role?.Arn ?? '';
}

const policy = (statement: object): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: [statement] });

async function createFunction(lambda: LambdaClient, name: string, roleArn: string): Promise<string> {
  const created = await lambda.send(
    new CreateFunctionCommand({
      FunctionName: name,
      Role: roleArn,
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      Timeout: 10,
      Code: { ZipFile: deploymentPackage() },
    }),
  );
  await waitUntilFunctionActiveV2({ client: lambda, maxWaitTime: 60 }, { FunctionName: name });
  return created.FunctionArn ?? '';
}
