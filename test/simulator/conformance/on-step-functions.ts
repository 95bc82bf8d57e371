import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CreateStateMachineCommand,
  DeleteStateMachineCommand,
  DescribeExecutionCommand,
  type DescribeExecutionOutput,
  type SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { bindTasks } from './bind-tasks.ts';
import type { CaseOutcome, ConformanceCase } from './conformance-case.ts';

/** Runs a case on the Step Functions at the client's endpoint, real or emulated, on a machine created only for this case. */
export async function runOnStepFunctions(
  client: SFNClient,
  functionArn: string,
  roleArn: string,
  { id, definition, input = {}, tasks = {} }: ConformanceCase,
): Promise<CaseOutcome> {
  const name = `${id}-${randomUUID()}`;
  const text = JSON.stringify(bindTasks(definition, tasks, functionArn));
  const { stateMachineArn } = await client.send(
    new CreateStateMachineCommand({ name, definition: text, roleArn }),
  );
  try {
    const start = new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(input) });
    const { executionArn } = await client.send(start);
    return outcomeOf(await ended(client, executionArn));
  } finally {
    await client.send(new DeleteStateMachineCommand({ stateMachineArn }));
  }
}

/** Step Functions has no notification for the end of an execution here, so this polls. */
async function ended(client: SFNClient, executionArn: string | undefined): Promise<DescribeExecutionOutput> {
  for (;;) {
    const execution = await client.send(new DescribeExecutionCommand({ executionArn }));
    if (execution.status !== 'RUNNING') return execution;
    await sleep(100);
  }
}

function outcomeOf({ status, output, error = '', cause = '' }: DescribeExecutionOutput): CaseOutcome {
  if (status === 'SUCCEEDED') return { status, output: JSON.parse(output ?? 'null') };
  if (status === 'FAILED' || status === 'TIMED_OUT') return { status, error, cause };
  throw new Error(`an execution ended as ${status}`);
}
