import { getEventListeners } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { StartExecutionCommand } from '@aws-sdk/client-sfn';
import { PublishCommand } from '@aws-sdk/client-sns';
import { GetQueueUrlCommand } from '@aws-sdk/client-sqs';
import type { Context } from 'aws-lambda';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import * as z from 'zod';
import { callAs } from '../../../shared/aws/caller.ts';
import { dynamoClient } from '../../../shared/aws/clients/dynamodb.ts';
import { lambdaClient } from '../../../shared/aws/clients/lambda.ts';
import { s3Client } from '../../../shared/aws/clients/s3.ts';
import { secretsClient } from '../../../shared/aws/clients/secrets.ts';
import type { ClientOptions } from '../../../shared/aws/clients/settings.ts';
import { sfnClient } from '../../../shared/aws/clients/sfn.ts';
import { snsClient } from '../../../shared/aws/clients/sns.ts';
import { sqsClient } from '../../../shared/aws/clients/sqs.ts';
import { classifyServiceError } from '../../../shared/aws/service-error.ts';
import { type Call, task } from '../../../shared/lambda/task.ts';
import { type BlackHole, openBlackHole } from './black-hole.ts';

let blackHole: BlackHole;
/** Never answers, unless `answer` says how. */
let silent: Server;
let requests = 0;
let answer: { status: number; body: string } | null = null;
/** Answers of requests so far, where no answer is given yet. */
let waiting: (() => void)[] = [];

beforeAll(async () => {
  blackHole = await openBlackHole();
  silent = createServer((_, response) => {
    requests++;
    const give = () => answer && response.writeHead(answer.status).end(answer.body);
    if (answer) give();
    else waiting.push(give);
  });
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
});

afterAll(async () => {
  silent.closeAllConnections();
  await new Promise((resolve) => silent.close(resolve));
  await blackHole.close();
});

beforeEach(() => {
  requests = 0;
  answer = null;
  waiting = [];
});

afterEach(() => vi.restoreAllMocks());

const account = { region: 'eu-west-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };
const inBlackHole = (): ClientOptions => ({
  ...account,
  endpoint: blackHole.url,
  connectMs: 80,
  attempts: 2,
});
const unanswered = (limits: ClientOptions = {}): ClientOptions => ({
  ...account,
  endpoint: `http://127.0.0.1:${(silent.address() as AddressInfo).port}`,
  attempts: 1,
  answerMs: 60_000,
  ...limits,
});
const caught = (call: Promise<unknown>) => call.catch((error: unknown) => error as Error);
const key = { Bucket: 'b', Key: 'k' };

const CALLS: [called: string, call: (options: ClientOptions) => Promise<unknown>][] = [
  ['DynamoDB DescribeTable', (to) => dynamoClient(to).send(new DescribeTableCommand({ TableName: 't' }))],
  ['Lambda Invoke', (to) => lambdaClient(to).send(new InvokeCommand({ FunctionName: 'f' }))],
  ['S3 GetObject', (to) => s3Client(to).send(new GetObjectCommand(key))],
  [
    'Secrets Manager GetSecretValue',
    (to) => secretsClient(to).send(new GetSecretValueCommand({ SecretId: 's' })),
  ],
  [
    'SFN StartExecution',
    (to) => sfnClient(to).send(new StartExecutionCommand({ stateMachineArn: 'arn:aws:states:::m' })),
  ],
  ['SNS Publish', (to) => snsClient(to).send(new PublishCommand({ TopicArn: 'arn', Message: 'm' }))],
  ['SQS GetQueueUrl', (to) => sqsClient(to).send(new GetQueueUrlCommand({ QueueName: 'q' }))],
];

/** A function of so many subnets that has time. */
const caller = (...subnets: string[]) => ({
  end: new AbortController().signal,
  cutOff: (call: string) => new Error(`cut off: ${call}`),
  subnets,
});

describe('a call without a way to its service', () => {
  test.each(CALLS)(
    'of %s says so, with the Region and the subnets, and what to look at',
    async (called, call) => {
      const error = await callAs(caller('subnet-1a', 'subnet-1b'), () => caught(call(inBlackHole())));
      const [, service] = /^(.*) \w+$/.exec(called) ?? [];
      expect(error).toMatchObject({
        name: 'ServiceUnreachable',
        retryable: true,
        message: expect.stringMatching(
          new RegExp(
            `^${called} in Region eu-west-1: no connection \\(.*80 ms.*\\)\\. There may be no way to ${service} from the function's subnets subnet-1a, subnet-1b: look at their route tables, and at the NAT gateway or the VPC endpoint of ${service}`,
          ),
        ),
      });
      expect(classifyServiceError(error)).toBe('unreachable');
    },
  );

  test('speaks of no subnets where none are known', async () => {
    const [, call] = CALLS[0] ?? [];
    for (const error of [
      await caught(Promise.resolve(call?.(inBlackHole()))),
      await callAs(caller(), () => caught(Promise.resolve(call?.(inBlackHole())))),
    ]) {
      expect(error).toMatchObject({
        message: expect.stringContaining('Look at the way from here to DynamoDB in eu-west-1'),
      });
      expect(String(error)).not.toMatch(/subnet|VPC/);
    }
  });
});

describe('a call of a service that takes it and does not answer', () => {
  test.each(CALLS)('of %s may have had its effect, and names the subnets too', async (called, call) => {
    const error = await callAs(caller('subnet-1a'), () => caught(call(unanswered({ answerMs: 50 }))));
    expect(error).toMatchObject({
      name: 'ServiceUnreachable',
      message: expect.stringMatching(new RegExp(`^${called} in Region eu-west-1: no response .*subnet-1a`)),
    });
    expect(classifyServiceError(error)).toBe('unavailable');
  });

  test('that answers with an error keeps the words of the service', async () => {
    answer = { status: 503, body: '<Error><Code>ServiceUnavailable</Code><Message>busy</Message></Error>' };
    const error = await caught(s3Client(unanswered()).send(new GetObjectCommand(key)));
    expect(error).toMatchObject({ name: 'ServiceUnavailable', message: 'busy' });
  });
});

/** A task with so many milliseconds left. */
function functionWith(remaining: number, work: (call: Call) => Promise<unknown>): Promise<unknown> {
  for (const stream of [process.stdout, process.stderr]) vi.spyOn(stream, 'write').mockReturnValue(true);
  const handler = task(
    { name: 'copy-database', input: z.unknown(), output: z.unknown(), environment: z.object({}) },
    () => (_, call) => work(call),
  );
  const context = { awsRequestId: '1', functionName: 'f', getRemainingTimeInMillis: () => remaining };
  return handler({}, context as Context);
}

describe('the remaining time of a function', () => {
  test.each(CALLS)('ends the call of %s, which no code was handed a signal for', async (called, call) => {
    const began = performance.now();
    const error = await caught(functionWith(1_600, () => call(unanswered())));
    expect(performance.now() - began).toBeLessThan(2_500);
    expect(error).toMatchObject({
      name: 'OutOfTime',
      message: `copy-database was not done within its time limit: ${called} in Region eu-west-1 had no response`,
    });
    expect(requests).toBe(1);
  });

  test('ends a call that waits for its next attempt', async () => {
    answer = { status: 503, body: '' };
    const call = () => s3Client(unanswered({ attempts: 100 })).send(new GetObjectCommand(key));
    expect(await caught(functionWith(1_300, call))).toMatchObject({ name: 'OutOfTime' });
  });

  test('leaves time for calls that save what was done when the work had to end', async () => {
    const saved = functionWith(2_000, async ({ signal }) => {
      await new Promise((resolve) => setTimeout(resolve, 10));
      expect(signal.aborted).toBe(true);
      answer = { status: 200, body: '{}' };
      await dynamoClient(unanswered()).send(new DescribeTableCommand({ TableName: 't' }));
      return 'saved';
    });
    expect(await saved).toBe('saved');
  });

  test('of one function ends no call of another, nor of what calls outside of a function', async () => {
    const call = () =>
      sqsClient(unanswered({ answerMs: 400 })).send(new GetQueueUrlCommand({ QueueName: 'q' }));
    const names = await Promise.all(
      [functionWith(1_100, call), functionWith(60_000, call), call()].map(async (calling) => {
        const { name } = (await caught(calling)) as Error;
        return name;
      }),
    );
    expect(names).toEqual(['OutOfTime', 'ServiceUnreachable', 'ServiceUnreachable']);
  });

  test('leaves a call alone that ends by a signal of its own', async () => {
    const error = await caught(
      functionWith(60_000, () =>
        sqsClient(unanswered()).send(new GetQueueUrlCommand({ QueueName: 'q' }), {
          abortSignal: AbortSignal.timeout(50),
        }),
      ),
    );
    expect(error).toMatchObject({ name: 'AbortError' });
  });

  test('is listened to by many calls at once without a warning, and by none that has ended', async () => {
    const warnings: Error[] = [];
    process.on('warning', (warning) => warnings.push(warning));
    const { end, ...rest } = caller();
    const client = sqsClient(unanswered());
    await callAs({ end, ...rest }, async () => {
      const calls = Array.from({ length: 60 }, () => client.send(new GetQueueUrlCommand({ QueueName: 'q' })));
      await vi.waitFor(() => expect(getEventListeners(end, 'abort').length).toBeGreaterThan(20));
      await vi.waitFor(() => expect(waiting.length).toBeGreaterThan(20));
      answer = { status: 200, body: '{"QueueUrl": "http://q"}' };
      for (const give of waiting) give();
      await Promise.all(calls);
    });
    await vi.waitFor(() => expect(getEventListeners(end, 'abort')).toEqual([]));
    expect(requests).toBe(60);
    expect(warnings).toEqual([]);
  });
});
