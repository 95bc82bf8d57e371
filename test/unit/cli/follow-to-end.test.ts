import { DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { DescribeExecutionCommand, GetExecutionHistoryCommand, SFNClient } from '@aws-sdk/client-sfn';
import { GetQueueUrlCommand, SQSClient } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { expect, it } from 'vitest';
import { statusPorts } from '../../../cli/aws/status-ports.ts';
import { followToEnd } from '../../../cli/follow/run-machine.ts';
import { EMPTY_ACCOUNT } from '../../../shared/replay/account/account.ts';
import { gatherStatus } from '../../../shared/status/gather.ts';
import { entered, exited, historyOf, scheduled, started, succeeded } from '../status/execution-history.ts';
import { recordingScreen } from './recording-screen.ts';
import { deployedWorkload } from './workload.ts';

const times = { startDate: new Date('2026-11-22T04:00:00Z'), stateMachineArn: 'arn:replay' };

it('does not call ended, in the status, a run that goes on as another execution', async () => {
  const sfn = mockClient(SFNClient);
  sfn
    .on(GetExecutionHistoryCommand, { executionArn: 'arn:1' })
    .resolves({ events: historyOf(started, { type: 'ExecutionSucceeded' }) })
    .on(GetExecutionHistoryCommand, { executionArn: 'arn:2' })
    .resolves({ events: historyOf(started, entered('Settle the account'), scheduled) })
    .on(DescribeExecutionCommand, { executionArn: 'arn:1' })
    .resolves({
      ...times,
      executionArn: 'arn:1',
      status: 'SUCCEEDED',
      output: JSON.stringify({ continuedBy: 'arn:2' }),
    });
  const record = {
    machine: 'replay',
    runId: 'replay-x',
    startedAt: '2026-11-22T04:00:00.000Z',
    startedBy: 'schedule',
    subject: 'webhook-events',
    status: 'running',
    executionArn: 'arn:1',
  };
  const item = (fields: object) =>
    Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, { S: value }]));
  const account = { ...EMPTY_ACCOUNT, received: 20, delivered: 20 };
  const worker = {
    ...item({ owner: 'replay-x/1/0/a', savedAt: record.startedAt, account: JSON.stringify(account) }),
    batch: { N: '1' },
  };
  mockClient(DynamoDBClient)
    .on(QueryCommand)
    .resolves({ Items: [item(record)] })
    .on(QueryCommand, { KeyConditionExpression: 'workload = :partition' })
    .resolves({ Items: [worker] });
  mockClient(S3Client).on(ListObjectsV2Command).resolves({});
  mockClient(SQSClient)
    .on(GetQueueUrlCommand)
    .rejects(Object.assign(new Error('no queue'), { name: 'QueueDoesNotExist' }));

  const status = await gatherStatus(statusPorts(await deployedWorkload()), new Date());
  expect(status.open).toMatchObject([
    { executionState: { kind: 'running', state: 'Settle the account' }, progress: { account } },
  ]);
  // A queue that cannot be looked into hides nothing of this.
  expect(status.queues).toMatchObject([
    { queue: 'webhook-events', depth: { problem: expect.stringContaining('no queue "mailblast-dlq"') } },
  ]);
});

it('follows a run that continues as a new execution, and ends with the last', async () => {
  const sfn = mockClient(SFNClient);
  const history = (state: string, end: 'ExecutionSucceeded' | 'ExecutionFailed') =>
    historyOf(started, entered(state), scheduled, succeeded, exited(state), {
      type: end,
      ...(end === 'ExecutionFailed' && {
        executionFailedEventDetails: { error: 'ReplayStopped', cause: 'the target is unhealthy' },
      }),
    });
  sfn.on(GetExecutionHistoryCommand, { executionArn: 'arn:1' }).resolves({
    events: history('Continue as a new execution', 'ExecutionSucceeded'),
  });
  sfn.on(GetExecutionHistoryCommand, { executionArn: 'arn:2' }).resolves({
    events: history('Settle the account', 'ExecutionFailed'),
  });
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
    cause: 'the target is unhealthy',
  });
  expect(finished.evidenceLocation).toBe('s3://vault/evidence/replay/replay-x/run.json');
  expect(screen.text()).toMatch(
    /Continue as a new execution[\s\S]*the run goes on as arn:2[\s\S]*Settle the account/,
  );
});
