import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { DeleteItemCommand, DynamoDBClient, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { CreateRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  ListExecutionsCommand,
  SFNClient,
} from '@aws-sdk/client-sfn';
import { GetQueueUrlCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { bundle } from '../../build/bundle.ts';
import { projectFolder, workFolder } from '../../local/folders.ts';
import { openAccount, type TestAccount } from './support/account.ts';
import { startHoldingProxy } from './support/holding-proxy.ts';
import { createLedgerTable } from './support/tables.ts';

const STACK = 'lifeboat-mailblast-prod';
const QUEUE = 'webhook-events';
const DEAD_LETTERS = 'mailblast-dlq';

let aws: TestAccount;
let sfn: SFNClient;
let dynamo: DynamoDBClient;
let sqs: SQSClient;
let roleArn: string;
let bundled: string;
let machineNumber = 0;
/** Of each test its own. */
let machine: string;
let handler: (event: unknown, context: object) => Promise<Started>;
const undo: (() => unknown)[] = [];

interface Started {
  readonly executionArn: string | null;
  readonly runId: string | null;
  readonly alreadyStarted: boolean;
}

beforeAll(async () => {
  aws = await openAccount();
  const credentials = { accessKeyId: aws.accountId, secretAccessKey: 'test' };
  const account = { endpoint: aws.endpoint, region: aws.region, credentials };
  sfn = new SFNClient(account);
  dynamo = new DynamoDBClient(account);
  sqs = new SQSClient(account);
  await createLedgerTable(dynamo, 'ledger');
  const iam = new IAMClient(account);
  const { Role } = await iam.send(
    new CreateRoleCommand({ RoleName: 'machine', AssumeRolePolicyDocument: '{}' }),
  );
  roleArn = Role?.Arn ?? '';
  iam.destroy();
  bundled = await mkdtemp(path.join(workFolder, 'bundled-'));
  await mkdir(path.dirname(functionFile()));
  await writeFile(leftBehind(), '');
  await bundle({ planPath: path.join(projectFolder, 'plans/mailblast.yml'), outFolder: bundled });
});

afterAll(async () => {
  for (const client of [sfn, dynamo, sqs]) client?.destroy();
  if (bundled) await rm(bundled, { recursive: true });
  await aws?.stop();
});

beforeEach(async () => {
  machineNumber++;
  const { stateMachineArn } = await sfn.send(
    new CreateStateMachineCommand({
      name: `replay-${machineNumber}`,
      roleArn,
      definition: JSON.stringify({ StartAt: 'Done', States: { Done: { Type: 'Pass', End: true } } }),
    }),
  );
  machine = stateMachineArn ?? '';
  for (const [name, value] of Object.entries(environment())) vi.stubEnv(name, value);
  // The function as it is deployed; another copy for each test, because it reads its settings once.
  ({ handler } = await import(`${functionFile()}?${machineNumber}`));
});

afterEach(async () => {
  vi.unstubAllEnvs();
  for (const step of undo.splice(0).reverse()) await step();
});

/** A part of an earlier bundle, in the same place. */
const leftBehind = () => path.join(bundled, 'start-replay', 'chunk-OLD.mjs');
const functionFile = () => path.join(bundled, 'start-replay', 'index.mjs');
const environment = () => ({
  ...aws.environment,
  LEDGER_TABLE: 'ledger',
  REPLAY_MACHINE_ARN: machine,
  STACK,
  POWERTOOLS_LOG_LEVEL: 'SILENT',
});

/** Calls the function as Lambda does. */
const call = (event: unknown) =>
  handler(event, {
    awsRequestId: 'request',
    functionName: 'start-replay',
    getRemainingTimeInMillis: () => 60_000,
  });

async function executions(): Promise<{ name: string; input: unknown }[]> {
  const { executions: found = [] } = await sfn.send(new ListExecutionsCommand({ stateMachineArn: machine }));
  return Promise.all(
    found.map(async ({ name = '', executionArn }) => {
      const { input = '' } = await sfn.send(new DescribeExecutionCommand({ executionArn }));
      return { name, input: JSON.parse(input) };
    }),
  );
}

let requests = 0;
const byHand = () => ({ queue: QUEUE, startedBy: 'ops', requestId: `request-${++requests}` });
const alarm = (difference: object = {}) => ({
  Records: [
    {
      EventSource: 'aws:sns',
      Sns: {
        Message: JSON.stringify({
          AlarmName: `${STACK}-replay-${QUEUE}`,
          NewStateValue: 'ALARM',
          StateChangeTime: new Date(Date.UTC(2026, 9, 5) + ++requests).toISOString().replace('Z', '+0000'),
          ...difference,
        }),
      },
    },
  ],
});

describe('a replay', () => {
  test('is started once by an alarm that is delivered twice', async () => {
    const event = alarm();
    const first = await call(event);
    expect(first).toEqual({
      executionArn: expect.stringContaining(`:execution:replay-${machineNumber}:`),
      runId: expect.stringMatching(/^replay-webhook-events-[0-9a-f]{16}$/),
      alreadyStarted: false,
    });
    expect(await call(event)).toEqual({ ...first, alreadyStarted: true });
    expect(await executions()).toEqual([
      {
        name: first.runId,
        input: {
          queue: QUEUE,
          startedBy: `alarm ${STACK}-replay-${QUEUE}`,
          options: {},
          incident: { failedAt: expect.stringMatching(/^2026-10-05T00:00:00\.\d{3}Z$/) },
        },
      },
    ]);
  });

  test('is started once by a start by hand that is repeated, and again by another one', async () => {
    const event = { ...byHand(), options: { max: 5 }, incident: { failedAt: '2026-10-05T02:00:00Z' } };
    const first = await call(event);
    expect(await call(event)).toEqual({ ...first, alreadyStarted: true });
    expect((await call(byHand())).alreadyStarted).toBe(false);
    const inputs = (await executions()).map(({ input }) => input);
    expect(inputs).toHaveLength(2);
    expect(inputs).toContainEqual({
      queue: QUEUE,
      startedBy: 'ops',
      options: { max: 5 },
      incident: event.incident,
    });
  });

  test('is started once by many that ask at the same time', async () => {
    const event = alarm();
    const answers = await Promise.allSettled(Array.from({ length: 20 }, () => call(event)));
    const started = answers.filter(({ status }) => status === 'fulfilled');
    expect(started.length).toBeGreaterThan(0);
    // The others are asked again by SNS: a start that is under way has no answer yet.
    for (const answer of answers)
      if (answer.status === 'rejected')
        expect(answer.reason).toMatchObject({ name: 'IdempotencyAlreadyInProgressError' });
    expect(await call(event)).toMatchObject({ alreadyStarted: true });
    expect(await executions()).toHaveLength(1);
  });

  test('is started once though the record of it is lost: its name is the same', async () => {
    const event = byHand();
    const first = await call(event);
    vi.stubEnv('POWERTOOLS_IDEMPOTENCY_DISABLED', 'true');
    ({ handler } = await import(`${functionFile()}?without-record-${machineNumber}`));
    expect(await call(event)).toEqual({ ...first, alreadyStarted: true });
    expect(await executions()).toHaveLength(1);
  });

  test('is started by the next attempt where Step Functions could not be reached', async () => {
    const event = alarm();
    undo.push(
      aws.gateway.disturb({
        match: { action: 'states:StartExecution' },
        fault: { status: 400, code: 'ThrottlingException', message: 'slow down' },
        times: 3,
      }),
    );
    await expect(call(event)).rejects.toThrow(/slow down/);
    expect(await executions()).toEqual([]);
    expect(await call(event)).toMatchObject({ alreadyStarted: false });
    expect(await executions()).toHaveLength(1);
  });

  test('is not started while the ledger cannot be asked', async () => {
    undo.push(aws.gateway.disturb({ match: { service: 'dynamodb' }, fault: 'drop' }));
    await expect(call(byHand())).rejects.toMatchObject({
      name: 'LedgerUnavailable',
      message: expect.stringMatching(/table ledger answered .*(?:ECONNRESET|socket hang up)/),
    });
    expect(await executions()).toEqual([]);
  });

  test.each([
    ['before the replay was started', 'AWSStepFunctions.StartExecution', 0],
    ['after it was started and before that was recorded', 'DynamoDB_20120810.UpdateItem', 1],
  ])('is started once where a function died %s', async (_, target, started) => {
    const event = byHand();
    const proxy = await startHoldingProxy(aws.endpoint, target);
    undo.push(() => proxy.stop());
    const child = startElsewhere(event, 5_000, proxy.endpoint);
    const exited = once(child, 'exit');
    try {
      await proxy.reached;
    } finally {
      child.kill('SIGKILL');
      await exited;
    }
    expect(await executions()).toHaveLength(started);
    // What it had claimed is its own for as long as it could have lived.
    const again = await vi.waitUntil(() => call(event).catch(() => null), { timeout: 12_000, interval: 100 });
    expect(await executions()).toEqual([{ name: again.runId, input: expect.anything() }]);
    expect(await call(event)).toEqual({ ...again, alreadyStarted: true });
  });
});

describe('no replay', () => {
  test('is started by an alarm that is over', async () => {
    const nothing = { executionArn: null, runId: null, alreadyStarted: false };
    expect(await call(alarm({ NewStateValue: 'OK' }))).toEqual(nothing);
    expect(await executions()).toEqual([]);
  });

  test.each([
    ['an alarm of something else', alarm({ AlarmName: 'of-somebody' }), 'NotOurAlarm', /"of-somebody"/],
    [
      'an alarm on a queue that the plan has no more',
      alarm({ AlarmName: `${STACK}-replay-lost` }),
      'NotInPlan',
      /no replay "lost"; it has: webhook-events/,
    ],
    ['a request for another queue', { ...byHand(), queue: 'lost' }, 'NotInPlan', /no replay "lost"/],
    ['a request without an id', { queue: QUEUE, startedBy: 'ops' }, 'InvalidInput', /at requestId/],
  ])('is started by %s', async (_, event, name, words) => {
    const refused = await call(event).catch((error) => error);
    expect(refused).toMatchObject({ name, message: expect.stringMatching(words) });
    expect(await executions()).toEqual([]);
  });

  test('is started by a schedule where the queue is empty', async () => {
    const schedule = () => ({ ...byHand(), ifNeeded: true });
    expect(await call(schedule())).toMatchObject({ executionArn: null });
    const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: DEAD_LETTERS }));
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'one' }));
    expect(await call(schedule())).toMatchObject({ alreadyStarted: false });
    expect(await executions()).toHaveLength(1);
  });

  test('is started by a schedule while a replay works on the queue', async () => {
    const schedule = () => ({ ...byHand(), ifNeeded: true });
    const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: DEAD_LETTERS }));
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'one' }));
    const heldUntil = (until: number) =>
      dynamo.send(
        new PutItemCommand({
          TableName: 'ledger',
          Item: { key: { S: `lock#replay#${QUEUE}` }, owner: { S: 'another' }, until: { N: String(until) } },
        }),
      );
    undo.push(() =>
      dynamo.send(
        new DeleteItemCommand({ TableName: 'ledger', Key: { key: { S: `lock#replay#${QUEUE}` } } }),
      ),
    );
    await heldUntil(Date.now() + 60_000);
    expect(await call(schedule())).toMatchObject({ executionArn: null });
    expect(await executions()).toEqual([]);
    await heldUntil(Date.now() - 1);
    expect(await call(schedule())).toMatchObject({ alreadyStarted: false });
  });
});

test('its bundle holds nothing of an earlier one', async () => {
  const names = await readdir(path.dirname(functionFile()));
  expect(names).toContain('index.mjs');
  expect(names).not.toContain(path.basename(leftBehind()));
});

test('records lie in the ledger among others, and expire in a day', async () => {
  const before = Date.now() / 1000;
  await call(byHand());
  const { Items = [] } = await dynamo.send(new ScanCommand({ TableName: 'ledger' }));
  for (const { key, expiration } of Items) {
    expect(key?.S).toMatch(/^start#/);
    expect(Number(expiration?.N)).toBeLessThan(before + 86_400 + 60);
  }
  expect(Math.max(...Items.map(({ expiration }) => Number(expiration?.N)))).toBeGreaterThan(before + 86_300);
});

/** Calls the function in a process of its own, which is told that it has so many milliseconds left. */
function startElsewhere(event: unknown, remaining: number, endpoint: string): ChildProcess {
  const program = `
    const { handler } = await import(${JSON.stringify(functionFile())});
    await handler(${JSON.stringify(event)}, { awsRequestId: 'killed', getRemainingTimeInMillis: () => ${remaining} });`;
  return spawn(process.execPath, ['--input-type=module', '--eval', program], {
    env: { ...process.env, ...environment(), AWS_ENDPOINT_URL: endpoint },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
}
