import {
  GetFunctionConcurrencyCommand,
  GetFunctionConfigurationCommand,
  type LambdaClient,
} from '@aws-sdk/client-lambda';
import type { Setting } from './settings.ts';

/** The function properties that are checked but not set: a local process has neither network nor quota. */
export function functionSettings(lambda: LambdaClient): Setting[] {
  const type = 'AWS::Lambda::Function';
  const configuration = (FunctionName: string) =>
    lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
  return [
    {
      type,
      property: 'VpcConfig',
      observe: async (name) => (await configuration(name)).VpcConfig?.SubnetIds?.[0],
    },
    {
      type,
      property: 'ReservedConcurrentExecutions',
      observe: async (FunctionName) =>
        (await lambda.send(new GetFunctionConcurrencyCommand({ FunctionName }))).ReservedConcurrentExecutions,
    },
    {
      type,
      property: 'DeadLetterConfig',
      observe: async (name) => (await configuration(name)).DeadLetterConfig?.TargetArn,
    },
  ];
}
