import {
  ConditionalCheckFailedException,
  DynamoDBClient,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, test } from 'vitest';
import { dynamoJournal } from '../../../shared/journal/dynamo-journal.ts';
import { recordKey } from '../../../shared/journal/journal.ts';

const dynamo = mockClient(DynamoDBClient);
const journal = dynamoJournal(new DynamoDBClient({ region: 'us-east-1' }), 'journal', 'mailblast');
const record = recordKey('backup', { runId: 'nightly', runStartedAt: '2026-10-05T02:00:00.000Z' });

beforeEach(() => dynamo.reset());

describe('the journal in DynamoDB', () => {
  test('names a record by time, machine and run, so that records sort by time', () => {
    expect(record).toBe('2026-10-05T02:00:00.000Z#backup#nightly');
  });

  test('writes progress only into a record that was opened', async () => {
    dynamo.on(UpdateItemCommand).resolves({});
    await journal.reportProgress(record, { doing: 'copying rows', bytes: 7, tasksDone: 1, tasksTotal: 2 });
    expect(dynamo.call(0).args[0].input).toEqual({
      TableName: 'journal',
      Key: { workload: { S: 'mailblast' }, run: { S: record } },
      UpdateExpression: 'SET progress = :progress',
      ConditionExpression: 'attribute_exists(workload)',
      ExpressionAttributeValues: {
        ':progress': { S: '{"doing":"copying rows","bytes":7,"tasksDone":1,"tasksTotal":2}' },
      },
    });
  });

  test('closes a record with what is known, as text and numbers, and takes its progress away', async () => {
    dynamo.on(UpdateItemCommand).resolves({});
    await journal.close(record, {
      status: 'taken',
      reason: 'all objects are locked',
      recoveryPoint: null,
      evidence: 's3://vault/evidence/backup/nightly/run.json',
      finishedAt: '2026-10-05T02:03:00.000Z',
      rpoSeconds: 0,
      rtoSeconds: null,
      label: null,
    });
    const input = dynamo.commandCalls(UpdateItemCommand)[0]?.args[0].input;
    expect(input?.ConditionExpression).toBe('attribute_exists(workload)');
    expect(input?.UpdateExpression).toMatch(/^SET .* REMOVE progress$/);
    expect(input?.ExpressionAttributeValues).toEqual({
      ':status': { S: 'taken' },
      ':reason': { S: 'all objects are locked' },
      ':evidence': { S: 's3://vault/evidence/backup/nightly/run.json' },
      ':finishedAt': { S: '2026-10-05T02:03:00.000Z' },
      ':rpoSeconds': { N: '0' },
    });
    for (const name of Object.keys(input?.ExpressionAttributeNames ?? {}))
      expect(input?.UpdateExpression).toContain(`${name} = :${name.slice(1)}`);
  });

  test('refuses to close a record that was never opened', async () => {
    const refusal = new ConditionalCheckFailedException({
      message: 'The conditional request failed',
      $metadata: {},
    });
    dynamo.on(UpdateItemCommand).rejects(refusal);
    await expect(
      journal.close(record, {
        status: 'failed',
        reason: '',
        recoveryPoint: null,
        evidence: '',
        finishedAt: '',
        rpoSeconds: null,
        rtoSeconds: null,
        label: null,
      }),
    ).rejects.toMatchObject({ name: 'RecordMissing', cause: refusal });
  });

  test('reads the newest records first, with numbers as numbers and progress unfolded', async () => {
    dynamo.on(QueryCommand).resolves({
      Items: [
        {
          runId: { S: 'nightly' },
          machine: { S: 'backup' },
          status: { S: 'running' },
          rpoSeconds: { N: '12.5' },
          progress: { S: '{"doing":"copying rows","bytes":7,"tasksDone":1,"tasksTotal":2}' },
        },
        { runId: { S: 'earlier' }, status: { S: 'taken' } },
      ],
    });
    expect(await journal.recent(20)).toEqual([
      {
        runId: 'nightly',
        machine: 'backup',
        status: 'running',
        rpoSeconds: 12.5,
        progress: { doing: 'copying rows', bytes: 7, tasksDone: 1, tasksTotal: 2 },
      },
      { runId: 'earlier', status: 'taken' },
    ]);
    expect(dynamo.commandCalls(QueryCommand)[0]?.args[0].input).toMatchObject({
      ScanIndexForward: false,
      Limit: 20,
      ConsistentRead: true,
      ExpressionAttributeValues: { ':w': { S: 'mailblast' } },
    });
  });

  test('finds one record, or null', async () => {
    dynamo
      .on(QueryCommand)
      .resolvesOnce({ Items: [{ runId: { S: 'nightly' } }] })
      .resolves({});
    expect(await journal.find(record)).toEqual({ runId: 'nightly' });
    expect(await journal.find(record)).toBeNull();
    expect(dynamo.commandCalls(QueryCommand)[0]?.args[0].input).toMatchObject({
      KeyConditionExpression: '#w = :w AND #r = :r',
      ExpressionAttributeValues: { ':w': { S: 'mailblast' }, ':r': { S: record } },
    });
  });

  test('reads on where one answer of DynamoDB does not hold as many records as were asked for', async () => {
    const item = (runId: string) => ({
      machine: { S: 'release' },
      runId: { S: runId },
      status: { S: 'released' },
    });
    dynamo
      .on(QueryCommand)
      .resolvesOnce({ Items: [item('a')], LastEvaluatedKey: { run: { S: 'a' } } })
      .resolvesOnce({ Items: [item('b'), item('c')], LastEvaluatedKey: { run: { S: 'c' } } });
    const records = await journal.recent(2);
    expect(records.map(({ runId }) => runId)).toEqual(['a', 'b']);
    expect(dynamo.commandCalls(QueryCommand)).toHaveLength(2);
  });
});
