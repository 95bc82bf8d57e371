import { DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { DescribeExecutionCommand, GetExecutionHistoryCommand, SFNClient } from '@aws-sdk/client-sfn';
import { mockClient } from 'aws-sdk-client-mock';
import { expect, it } from 'vitest';
import { followToEnd } from '../../../cli/follow/run-machine.ts';
import { entered, exited, historyOf, scheduled, started, succeeded } from './history.ts';
import { recordingScreen } from './recording-screen.ts';
import { deployedWorkload } from './workload.ts';

it('follows a run that continues as a new execution, and ends with the last', async () => {
  const sfn = mockClient(SFNClient);
  const history = (state: string, end: 'ExecutionSucceeded' | 'ExecutionFailed') =>
    historyOf(started, entered(state), scheduled, succeeded, exited(state), {
      type: end,
      ...(end === 'ExecutionFailed' && {
        executionFailedEventDetails: { error: 'ReplayStopped', cause: 'the target is not well' },
      }),
    });
  sfn.on(GetExecutionHistoryCommand, { executionArn: 'arn:1' }).resolves({
    events: history('Continue as a new execution', 'ExecutionSucceeded'),
  });
  sfn.on(GetExecutionHistoryCommand, { executionArn: 'arn:2' }).resolves({
    events: history('Settle the account', 'ExecutionFailed'),
  });
  const times = { startDate: new Date(), stateMachineArn: 'arn:replay' };
  sfn.on(DescribeExecutionCommand, { executionArn: 'arn:1' }).resolves({
    ...times,
    executionArn: 'arn:1',
    status: 'SUCCEEDED',
    output: JSON.stringify({ runId: 'replay-x', continuedBy: 'arn:2' }),
  });
  sfn.on(DescribeExecutionCommand, { executionArn: 'arn:2' }).resolves({
    ...times,
    executionArn: 'arn:2',
    status: 'FAILED',
  });
  mockClient(DynamoDBClient).on(QueryCommand).resolves({ Items: [] });
  mockClient(S3Client)
    .on(GetObjectCommand)
    .rejects(Object.assign(new Error('no such key'), { name: 'NoSuchKey' }));

  const workload = await deployedWorkload();
  const screen = recordingScreen();
  const run = { machine: 'replay', runId: 'replay-x', executionArn: 'arn:1' } as const;
  const finished = await followToEnd(workload, run, screen, new AbortController().signal);
  expect(finished.end).toEqual({
    status: 'FAILED',
    error: 'ReplayStopped',
    cause: 'the target is not well',
  });
  expect(finished.evidenceLocation).toBe('s3://vault/evidence/replay/replay-x/run.json');
  expect(screen.text()).toMatch(
    /Continue as a new execution[\s\S]*the run goes on as arn:2[\s\S]*Settle the account/,
  );
});
